import { CreateResourceCommand, type Resource } from '@aws-sdk/client-api-gateway';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useState } from 'react';
import { apigateway } from '../../../aws/apigateway';
import { FormModal } from '../../../components/FormModal';

export function CreateResource({ apiId, parent, onClose, onDone }: { apiId: string; parent: Resource; onClose: () => void; onDone: (id: string) => Promise<void> }) {
  const [pathPart, setPathPart] = useState('');
  const create = async () => {
    const { id = '' } = await apigateway().send(new CreateResourceCommand({ restApiId: apiId, parentId: parent.id, pathPart }));
    await onDone(id);
  };
  return (
    <FormModal title={`Create resource below ${parent.path}`} submitText="Create resource" incomplete={!pathPart} onSubmit={create} onClose={onClose}>
      <FormField label="Resource path part" constraintText="A name such as notes, {id} for any one segment, or {proxy+} for everything below.">
        <Input value={pathPart} onChange={(e) => setPathPart(e.detail.value.trim())} placeholder="notes" spellcheck={false} autoFocus />
      </FormField>
    </FormModal>
  );
}
