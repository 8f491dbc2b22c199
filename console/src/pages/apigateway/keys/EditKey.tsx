import type { ApiKey } from '@aws-sdk/client-api-gateway';
import Toggle from '@cloudscape-design/components/toggle';
import { useState } from 'react';
import { FormModal } from '../../../components/FormModal';
import { NameFields } from '../../../components/NameFields';
import { patchKey } from './keys';

/** Name, description and whether the key opens anything. Its value cannot be changed. */
export function EditKey({ apiKey, onDone, onClose }: { apiKey: ApiKey; onDone: () => Promise<void>; onClose: () => void }) {
  const [name, setName] = useState(apiKey.name ?? '');
  const [description, setDescription] = useState(apiKey.description ?? '');
  const [enabled, setEnabled] = useState(apiKey.enabled ?? false);
  const save = async () => {
    await patchKey(
      apiKey.id!,
      { op: 'replace', path: '/name', value: name },
      { op: 'replace', path: '/description', value: description },
      { op: 'replace', path: '/enabled', value: String(enabled) },
    );
    await onDone();
  };
  return (
    <FormModal title="Edit API key" submitText="Save" incomplete={!name} onSubmit={save} onClose={onClose}>
      <NameFields name={name} description={description} onName={setName} onDescription={setDescription} />
      <Toggle checked={enabled} onChange={(e) => setEnabled(e.detail.checked)}>Enabled</Toggle>
    </FormModal>
  );
}
