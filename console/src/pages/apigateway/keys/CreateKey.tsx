import { CreateApiKeyCommand, type ApiKey } from '@aws-sdk/client-api-gateway';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import RadioGroup from '@cloudscape-design/components/radio-group';
import { useState } from 'react';
import { apigateway } from '../../../aws/apigateway';
import { FormModal } from '../../../components/FormModal';
import { NameFields } from '../../../components/NameFields';

const shortest = 20; // characters of a value, as AWS has it

/** A new key, with a value made for it or one of one's own. */
export function CreateKey({ onDone, onClose }: { onDone: (key: ApiKey) => Promise<void>; onClose: () => void }) {
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [kind, setKind] = useState<'auto' | 'custom'>('auto');
  const [value, setValue] = useState('');
  const create = async () => {
    const key = await apigateway().send(
      new CreateApiKeyCommand({ name, description: description || undefined, enabled: true, value: kind === 'custom' ? value : undefined }),
    );
    await onDone(key);
  };
  return (
    <FormModal title="Create API key" submitText="Save" incomplete={!name || (kind === 'custom' && value.length < shortest)} onSubmit={create} onClose={onClose}>
      <NameFields name={name} description={description} onName={setName} onDescription={setDescription} />
      <FormField label="API key">
        <RadioGroup
          value={kind}
          onChange={(e) => setKind(e.detail.value as 'auto' | 'custom')}
          items={[
            { value: 'auto', label: 'Auto generate', description: 'Forty random letters and digits.' },
            { value: 'custom', label: 'Custom', description: 'A value that clients have already.' },
          ]}
        />
      </FormField>
      {kind === 'custom' && (
        <FormField label="Value" constraintText={`${shortest} to 128 characters. No other key may have it.`}>
          <Input value={value} onChange={(e) => setValue(e.detail.value.trim())} spellcheck={false} autoComplete={false} />
        </FormField>
      )}
    </FormModal>
  );
}
