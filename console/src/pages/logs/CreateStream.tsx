import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useState } from 'react';
import { FormModal } from '../../components/FormModal';

export function CreateStream({ onCreate, onClose }: { onCreate: (name: string) => Promise<void>; onClose: () => void }) {
  const [name, setName] = useState('');
  const wrong = /[:*]/.test(name);
  return (
    <FormModal title="Create log stream" submitText="Create" incomplete={!name || wrong} onSubmit={() => onCreate(name)} onClose={onClose}>
      <FormField label="Log stream name" constraintText="At most 512 characters, without : and *." errorText={wrong ? 'A name holds no : and no *.' : ''}>
        <Input value={name} onChange={(e) => setName(e.detail.value)} spellcheck={false} autoFocus />
      </FormField>
    </FormModal>
  );
}
