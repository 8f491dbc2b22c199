import { CreateDocumentationVersionCommand, GetStagesCommand } from '@aws-sdk/client-api-gateway';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { useLoad } from '../../../aws/useLoad';
import { FormModal } from '../../../components/FormModal';
import { ProblemAlert } from '../../../components/Problem';

const noStage = { value: '', label: 'No stage' };

/** Keeps the parts as they are now under a version, for a stage to be exported with. */
export function PublishDocumentation({ apiId, onDone, onClose }: { apiId: string; onDone: () => Promise<void>; onClose: () => void }) {
  const stages = useLoad((abortSignal) => apigateway().send(new GetStagesCommand({ restApiId: apiId }), { abortSignal }), [apiId]);
  const [version, setVersion] = useState('');
  const [stageName, setStageName] = useState('');
  const [description, setDescription] = useState('');
  const notify = useNotify();
  const publish = async () => {
    await apigateway().send(
      new CreateDocumentationVersionCommand({ restApiId: apiId, documentationVersion: version, stageName: stageName || undefined, description: description || undefined }),
    );
    await onDone();
    notify.success(`Version ${version} of the documentation was published${stageName && ` to stage ${stageName}`}.`);
  };
  const options = [noStage, ...(stages.data?.item ?? []).map((s) => ({ value: s.stageName!, label: s.stageName! }))];
  return (
    <FormModal title="Publish documentation" submitText="Publish" incomplete={!version.trim()} onSubmit={publish} onClose={onClose}>
      <ProblemAlert error={stages.error} onRetry={() => void stages.reload()} />
      <FormField label="Stage" description="An export of the stage holds the version.">
        <Select ariaLabel="Stage" selectedOption={options.find((o) => o.value === stageName) ?? noStage} options={options} onChange={(e) => setStageName(e.detail.selectedOption.value!)} />
      </FormField>
      <FormField label="Version">
        <Input value={version} onChange={(e) => setVersion(e.detail.value.trim())} placeholder="1.0" spellcheck={false} autoFocus />
      </FormField>
      <FormField label="Description - optional">
        <Input value={description} onChange={(e) => setDescription(e.detail.value)} />
      </FormField>
    </FormModal>
  );
}
