import { UpdateStageCommand } from '@aws-sdk/client-api-gateway';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { FormModal } from '../../../components/FormModal';
import type { StageProps } from './StageSettings';

export function EditStage({ apiId, stage, reload, onClose }: StageProps & { onClose: () => void }) {
  const [description, setDescription] = useState(stage.description ?? '');
  const notify = useNotify();
  const save = async () => {
    await apigateway().send(
      new UpdateStageCommand({ restApiId: apiId, stageName: stage.stageName, patchOperations: [{ op: 'replace', path: '/description', value: description }] }),
    );
    await reload();
    notify.success(`Stage ${stage.stageName} was changed.`);
  };
  return (
    <FormModal title="Edit stage" submitText="Save" onSubmit={save} onClose={onClose}>
      <FormField label="Description">
        <Input value={description} onChange={(e) => setDescription(e.detail.value)} autoFocus />
      </FormField>
    </FormModal>
  );
}
