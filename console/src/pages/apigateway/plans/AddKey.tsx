import { CreateApiKeyCommand, type UsagePlan } from '@aws-sdk/client-api-gateway';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import RadioGroup from '@cloudscape-design/components/radio-group';
import Select from '@cloudscape-design/components/select';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { useLoad } from '../../../aws/useLoad';
import { FormModal } from '../../../components/FormModal';
import { ProblemAlert } from '../../../components/Problem';
import { joinPlan, listKeys } from '../keys/keys';

/** Puts a key into a plan: one that is there, or a new one. */
export function AddKey({ plan, present, onDone, onClose }: { plan: UsagePlan; present: readonly string[]; onDone: () => Promise<void>; onClose: () => void }) {
  const keys = useLoad((signal) => listKeys('', signal), []);
  const [kind, setKind] = useState<'existing' | 'new'>('existing');
  const [chosen, setChosen] = useState<string>();
  const [name, setName] = useState('');
  const notify = useNotify();
  const options = (keys.data ?? []).filter((k) => !present.includes(k.id!)).map((k) => ({ value: k.id!, label: k.name || k.id, description: k.id }));
  const add = async () => {
    const id = kind === 'existing' ? chosen! : (await apigateway().send(new CreateApiKeyCommand({ name, enabled: true }))).id!;
    await joinPlan(plan.id!, id);
    await onDone();
    notify.success(`The API key was added to usage plan ${plan.name}.`);
  };
  return (
    <FormModal title="Add API key" submitText="Add API key" incomplete={kind === 'existing' ? !chosen : !name} onSubmit={add} onClose={onClose}>
      <ProblemAlert error={keys.error} onRetry={() => void keys.reload()} />
      <RadioGroup
        ariaLabel="Which key"
        value={kind}
        onChange={(e) => setKind(e.detail.value as 'existing' | 'new')}
        items={[{ value: 'existing', label: 'Add existing key' }, { value: 'new', label: 'Create and add new key' }]}
      />
      {kind === 'existing' ? (
        <FormField label="API key">
          <Select
           
            placeholder="Choose an API key"
            filteringType={options.length > 10 ? 'auto' : 'none'}
            statusType={keys.loading ? 'loading' : 'finished'}
            empty="No other API keys"
            selectedOption={options.find((o) => o.value === chosen) ?? null}
            options={options}
            onChange={(e) => setChosen(e.detail.selectedOption.value)}
          />
        </FormField>
      ) : (
        <FormField label="Name" constraintText="Its value is made for it.">
          <Input value={name} onChange={(e) => setName(e.detail.value)} spellcheck={false} />
        </FormField>
      )}
    </FormModal>
  );
}
