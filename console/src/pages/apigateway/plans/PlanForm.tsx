import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Toggle from '@cloudscape-design/components/toggle';
import { useState } from 'react';
import { FormModal } from '../../../components/FormModal';
import { problems, type PlanDraft } from './plan';

interface Props {
  title: string;
  submitText: string;
  initial: PlanDraft;
  onSubmit: (draft: PlanDraft) => Promise<void>;
  onClose: () => void;
}

const periods = [{ value: 'DAY', label: 'Day' }, { value: 'WEEK', label: 'Week' }, { value: 'MONTH', label: 'Month' }];

/** What a usage plan lets each of its keys do. */
export function PlanForm({ title, submitText, initial, onSubmit, onClose }: Props) {
  const [draft, setDraft] = useState(initial);
  const change = (part: Partial<PlanDraft>) => setDraft((old) => ({ ...old, ...part }));
  const wrong = problems(draft);
  const number = (field: 'rate' | 'burst' | 'limit', label: string, constraintText: string) => (
    <FormField label={label} constraintText={constraintText} errorText={wrong[field]}>
      <Input value={draft[field]} onChange={(e) => change({ [field]: e.detail.value.trim() })} inputMode="decimal" />
    </FormField>
  );
  return (
    <FormModal title={title} submitText={submitText} incomplete={!draft.name || Object.keys(wrong).length > 0} onSubmit={() => onSubmit(draft)} onClose={onClose}>
      <FormField label="Name">
        <Input value={draft.name} onChange={(e) => change({ name: e.detail.value })} spellcheck={false} autoFocus />
      </FormField>
      <FormField label="Description - optional">
        <Input value={draft.description} onChange={(e) => change({ description: e.detail.value })} />
      </FormField>
      <Toggle checked={draft.throttled} onChange={(e) => change({ throttled: e.detail.checked })} description="Requests beyond it get 429.">Throttling</Toggle>
      {draft.throttled && (
        <SpaceBetween direction="horizontal" size="l">
          {number('rate', 'Rate', 'Requests per second, of each key.')}
          {number('burst', 'Burst', 'Requests at once.')}
        </SpaceBetween>
      )}
      <Toggle checked={draft.limited} onChange={(e) => change({ limited: e.detail.checked })} description="Once it is used up requests get 429 until the period ends.">Quota</Toggle>
      {draft.limited && (
        <SpaceBetween direction="horizontal" size="l">
          {number('limit', 'Requests', 'Of each key, in a period.')}
          <FormField label="Per" constraintText="Days begin at midnight UTC.">
            <Select selectedOption={periods.find((p) => p.value === draft.period) ?? null} options={periods} onChange={(e) => change({ period: e.detail.selectedOption.value as PlanDraft['period'] })} />
          </FormField>
        </SpaceBetween>
      )}
    </FormModal>
  );
}
