import { CreateDeploymentCommand, type Stage } from '@aws-sdk/client-api-gateway';
import Alert from '@cloudscape-design/components/alert';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import Toggle from '@cloudscape-design/components/toggle';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { useLoad } from '../../../aws/useLoad';
import { FormModal } from '../../../components/FormModal';
import { ProblemAlert } from '../../../components/Problem';
import { listStages } from '../methods';
import { stagePath } from '../paths';
import { canaryDraft, canaryProblem, deploymentCanary, type CanaryDraft } from './canary';
import { CanaryFields } from './CanaryFields';

const newStage = { value: '', label: 'New stage' };

/** Puts the API as it is now on a stage, new or existing; on an existing one as its canary if wanted. */
export function Deploy({ apiId, onDone, onClose }: { apiId: string; onDone: () => void; onClose: () => void }) {
  const stages = useLoad((signal) => listStages(apiId, signal), [apiId]);
  const all = stages.data ?? [];
  const [chosen, setChosen] = useState<string>();
  const [named, setNamed] = useState('');
  const [description, setDescription] = useState('');
  const navigate = useNavigate();
  const notify = useNotify();
  const name = chosen ?? all[0]?.stageName ?? '';
  const stage = all.find((s) => s.stageName === name);
  const canary = useCanary(stage);
  const stageName = name || named.trim();
  const deploy = async () => {
    await apigateway().send(
      new CreateDeploymentCommand({ restApiId: apiId, stageName, description: description || undefined, canarySettings: canary.on ? deploymentCanary(canary.draft) : undefined }),
    );
    notify.success(canary.on ? `The API was deployed to the canary of stage ${stageName}.` : `The API was deployed to stage ${stageName}.`);
    onDone();
    void navigate(stagePath(apiId, stageName, canary.on ? 'canary' : undefined));
  };
  return (
    <FormModal title="Deploy API" submitText="Deploy" size={canary.on ? 'large' : 'medium'} incomplete={!stages.data || !stageName || (canary.on && canaryProblem(canary.draft) !== undefined)} onSubmit={deploy} onClose={onClose}>
      <Alert type="info">The stage serves the API as it is now. Later changes to resources and methods wait for the next deployment.</Alert>
      <ProblemAlert error={stages.error} onRetry={() => void stages.reload()} />
      <FormField label="Stage">
        <Select
          ariaLabel="Stage"
          statusType={stages.loading ? 'loading' : 'finished'}
          selectedOption={name ? { value: name, label: name } : newStage}
          options={[...all.map((s) => ({ value: s.stageName!, label: s.stageName })), newStage]}
          onChange={(e) => setChosen(e.detail.selectedOption.value)}
        />
      </FormField>
      {name === '' && (
        <FormField label="Stage name" constraintText="Letters, digits, - and _, at most 128. It is part of the invoke URL.">
          <Input value={named} onChange={(e) => setNamed(e.detail.value)} spellcheck={false} placeholder="prod" />
        </FormField>
      )}
      <FormField label="Deployment description - optional">
        <Input value={description} onChange={(e) => setDescription(e.detail.value)} />
      </FormField>
      {stage && (
        <Toggle checked={canary.on} onChange={(e) => canary.turn(e.detail.checked)} description="A part of the requests gets this deployment, the others what the stage serves now.">
          Canary release
        </Toggle>
      )}
      {canary.on && <CanaryFields draft={canary.draft} onChange={canary.change} />}
    </FormModal>
  );
}

/** Whether to deploy as the stage's canary, and how; a stage that has one is deployed to it unless told otherwise. */
function useCanary(stage: Stage | undefined) {
  const [choice, setChoice] = useState<{ of?: string; on?: boolean; draft?: CanaryDraft }>({});
  const mine = choice.of === stage?.stageName ? choice : {};
  const draft = mine.draft ?? canaryDraft(stage?.canarySettings);
  return {
    on: !!stage && (mine.on ?? !!stage.canarySettings),
    draft,
    turn: (on: boolean) => setChoice({ ...mine, of: stage?.stageName, on }),
    change: (part: Partial<CanaryDraft>) => setChoice({ ...mine, of: stage?.stageName, on: true, draft: { ...draft, ...part } }),
  };
}
