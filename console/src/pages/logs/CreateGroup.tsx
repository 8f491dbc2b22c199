import { CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useState } from 'react';
import { logs } from '../../aws/logs';
import { FormModal } from '../../components/FormModal';
import { RetentionSelect } from './RetentionSelect';
import { setRetention } from './setRetention';

export function CreateGroup({ onClose, onDone }: { onClose: () => void; onDone: (name: string) => void }) {
  const [name, setName] = useState('');
  const [days, setDays] = useState<number | undefined>();
  const wrong = name !== '' && !/^[-._/#A-Za-z0-9]{1,512}$/.test(name);
  const create = async () => {
    await logs().send(new CreateLogGroupCommand({ logGroupName: name }));
    if (days !== undefined) {
      await setRetention(name, days);
    }
    onDone(name);
  };
  return (
    <FormModal title="Create log group" submitText="Create" incomplete={!name || wrong} onSubmit={create} onClose={onClose}>
      <FormField label="Log group name" constraintText="Letters, digits and . - _ / #, at most 512." errorText={wrong ? 'The name holds a character that is not allowed.' : ''}>
        <Input value={name} onChange={(e) => setName(e.detail.value)} spellcheck={false} autoFocus />
      </FormField>
      <RetentionSelect value={days} onChange={setDays} />
    </FormModal>
  );
}
