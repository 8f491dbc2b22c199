import { CreateVpcLinkCommand, UpdateVpcLinkCommand, type VpcLink } from '@aws-sdk/client-api-gateway';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { FormModal } from '../../../components/FormModal';
import { NameFields } from '../../../components/NameFields';

/** A new link, or the name and description of one; a link's target stays what it is. */
export function EditVpcLink({ link, onDone, onClose }: { link?: VpcLink; onDone: () => Promise<void>; onClose: () => void }) {
  const [name, setName] = useState(link?.name ?? '');
  const [description, setDescription] = useState(link?.description ?? '');
  const [target, setTarget] = useState('');
  const notify = useNotify();
  const save = async () => {
    if (link) {
      const patchOperations = [{ op: 'replace' as const, path: '/name', value: name }, { op: 'replace' as const, path: '/description', value: description }];
      await apigateway().send(new UpdateVpcLinkCommand({ vpcLinkId: link.id, patchOperations }));
    } else {
      await apigateway().send(new CreateVpcLinkCommand({ name, description: description || undefined, targetArns: [target] }));
    }
    await onDone();
    notify.success(`VPC link ${name} was ${link ? 'changed' : 'created'}.`);
  };
  return (
    <FormModal title={link ? 'Edit VPC link' : 'Create VPC link'} submitText={link ? 'Save' : 'Create'} incomplete={!name || (!link && !target)} onSubmit={save} onClose={onClose}>
      <NameFields name={name} description={description} onName={setName} onDescription={setDescription} />
      {!link && (
        <FormField label="Target" constraintText="An address such as http://10.0.0.5:8080, to which connections are made; or a load balancer's ARN, which changes nothing here." stretch>
          <Input value={target} onChange={(e) => setTarget(e.detail.value.trim())} spellcheck={false} inputMode="url" placeholder="http://host:port" />
        </FormField>
      )}
    </FormModal>
  );
}
