import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import { FormModal } from '../../components/FormModal';

interface Props {
  title: string;
  submit: string;
  document: string;
  /** Given where the policy has a name; the empty one asks for it. */
  name?: string;
  onSave: (name: string, document: string) => Promise<void>;
  onClose: () => void;
}

/** A policy document to edit. AWS says what is wrong with it. */
export function DocumentModal({ title, submit, document, name, onSave, onClose }: Props) {
  const [text, setText] = useState(document);
  const [named, setNamed] = useState(name ?? '');
  return (
    <FormModal title={title} submitText={submit} size="large" incomplete={name === '' && !named} onSubmit={() => onSave(named, text)} onClose={onClose}>
      {name === '' && (
        <FormField label="Policy name">
          <Input value={named} onChange={(e) => setNamed(e.detail.value)} spellcheck={false} autoFocus />
        </FormField>
      )}
      <FormField label="Policy document" errorText={notJSON(text)} stretch>
        <Textarea value={text} rows={18} spellcheck={false} onChange={(e) => setText(e.detail.value)} />
      </FormField>
    </FormModal>
  );
}

function notJSON(text: string): string {
  try {
    JSON.parse(text);
    return '';
  } catch (problem) {
    return `Not JSON: ${(problem as Error).message}`;
  }
}
