import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useState } from 'react';
import { useNotify } from '../../app/notifications';
import { useLoad } from '../../aws/useLoad';
import { FormModal } from '../../components/FormModal';
import { listDefinitions, saveDefinition } from './definitions';

interface Props {
  text: string;
  groups: readonly string[];
  onClose: () => void;
}

/** Saves the query under a name; under the name of another it takes its place. */
export function SaveQuery({ text, groups, onClose }: Props) {
  const [name, setName] = useState('');
  const { data = [] } = useLoad(listDefinitions, []);
  const notify = useNotify();
  const other = data.find((d) => d.name === name.trim());
  const save = async () => {
    await saveDefinition({ name: name.trim(), text, groups, id: other?.queryDefinitionId });
    notify.success(`Query ${name.trim()} was saved.`);
  };
  return (
    <FormModal title="Save query" submitText="Save" incomplete={!name.trim()} onSubmit={save} onClose={onClose}>
      <FormField label="Query name" constraintText="At most 255 characters. A / makes a folder." warningText={other && 'The saved query of that name is replaced.'}>
        <Input value={name} onChange={(e) => setName(e.detail.value)} spellcheck={false} autoFocus />
      </FormField>
    </FormModal>
  );
}
