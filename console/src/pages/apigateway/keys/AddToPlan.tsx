import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import { useState } from 'react';
import { useLoad } from '../../../aws/useLoad';
import { FormModal } from '../../../components/FormModal';
import { ProblemAlert } from '../../../components/Problem';
import { joinPlan, listPlans } from './keys';

/** Puts a key into a usage plan that it is not in yet. */
export function AddToPlan({ keyId, present, onDone, onClose }: { keyId: string; present: readonly string[]; onDone: () => Promise<void>; onClose: () => void }) {
  const plans = useLoad((signal) => listPlans(undefined, signal), []);
  const [chosen, setChosen] = useState<string>();
  const options = (plans.data ?? []).filter((p) => !present.includes(p.id!)).map((p) => ({ value: p.id!, label: p.name, description: p.id }));
  const add = async () => {
    await joinPlan(chosen!, keyId);
    await onDone();
  };
  return (
    <FormModal title="Add to usage plan" submitText="Add" incomplete={!chosen} onSubmit={add} onClose={onClose}>
      <ProblemAlert error={plans.error} onRetry={() => void plans.reload()} />
      <FormField label="Usage plan">
        <Select
         
          placeholder="Choose a usage plan"
          statusType={plans.loading ? 'loading' : 'finished'}
          empty="No other usage plan"
          selectedOption={options.find((o) => o.value === chosen) ?? null}
          options={options}
          onChange={(e) => setChosen(e.detail.selectedOption.value)}
        />
      </FormField>
    </FormModal>
  );
}
