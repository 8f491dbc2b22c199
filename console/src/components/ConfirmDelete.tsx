import Alert from '@cloudscape-design/components/alert';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useState, type ReactNode } from 'react';
import { FormModal } from './FormModal';

interface Props {
  /** Such as "Delete log group". */
  title: string;
  /** What is lost with it. */
  children: ReactNode;
  /** What has to be typed to go on; "delete" unless told otherwise. */
  word?: string;
  /** Deletes; an error that it throws stays in the dialog. */
  onDelete: () => Promise<void>;
  onClose: () => void;
}

/** Asks before something is gone for good. Mount it to open it; it closes itself when onDelete resolves. */
export function ConfirmDelete({ title, children, word = 'delete', onDelete, onClose }: Props) {
  const [typed, setTyped] = useState('');
  const submit = async () => {
    await onDelete();
    onClose();
  };
  return (
    <FormModal title={title} submitText="Delete" incomplete={typed !== word} onSubmit={submit} onClose={onClose}>
      <Alert type="warning">{children}</Alert>
      <FormField label={<>To confirm, type <i>{word}</i></>}>
        <Input value={typed} onChange={(e) => setTyped(e.detail.value)} placeholder={word} autoFocus ariaRequired />
      </FormField>
    </FormModal>
  );
}
