import { CreateDeploymentCommand, GetStagesCommand } from '@aws-sdk/client-api-gateway';
import Alert from '@cloudscape-design/components/alert';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { useLoad } from '../../../aws/useLoad';
import { FormModal } from '../../../components/FormModal';
import { ProblemAlert } from '../../../components/Problem';
import { stagePath } from '../paths';

const newStage = { value: '', label: 'New stage' };

/** Puts the API as it is now on a stage, new or existing. */
export function Deploy({ apiId, onDone, onClose }: { apiId: string; onDone: () => void; onClose: () => void }) {
  const stages = useLoad((abortSignal) => apigateway().send(new GetStagesCommand({ restApiId: apiId }), { abortSignal }), [apiId]);
  const names = (stages.data?.item ?? []).map((s) => s.stageName!);
  const [chosen, setChosen] = useState<string>();
  const [named, setNamed] = useState('');
  const [description, setDescription] = useState('');
  const navigate = useNavigate();
  const notify = useNotify();
  const stage = chosen ?? names[0] ?? '';
  const stageName = stage || named.trim();
  const deploy = async () => {
    await apigateway().send(new CreateDeploymentCommand({ restApiId: apiId, stageName, description: description || undefined }));
    notify.success(`The API was deployed to stage ${stageName}.`);
    onDone();
    void navigate(stagePath(apiId, stageName));
  };
  return (
    <FormModal title="Deploy API" submitText="Deploy" incomplete={!stages.data || !stageName} onSubmit={deploy} onClose={onClose}>
      <Alert type="info">The stage serves the API as it is now. Later changes to resources and methods wait for the next deployment.</Alert>
      <ProblemAlert error={stages.error} onRetry={() => void stages.reload()} />
      <FormField label="Stage">
        <Select
          ariaLabel="Stage"
          statusType={stages.loading ? 'loading' : 'finished'}
          selectedOption={stage ? { value: stage, label: stage } : newStage}
          options={[...names.map((name) => ({ value: name, label: name })), newStage]}
          onChange={(e) => setChosen(e.detail.selectedOption.value)}
        />
      </FormField>
      {stage === '' && (
        <FormField label="Stage name" constraintText="Letters, digits, - and _, at most 128. It is part of the invoke URL.">
          <Input value={named} onChange={(e) => setNamed(e.detail.value)} spellcheck={false} placeholder="prod" />
        </FormField>
      )}
      <FormField label="Deployment description - optional">
        <Input value={description} onChange={(e) => setDescription(e.detail.value)} />
      </FormField>
    </FormModal>
  );
}
