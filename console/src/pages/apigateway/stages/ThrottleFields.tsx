import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Toggle from '@cloudscape-design/components/toggle';
import { settingsProblems, type SettingsDraft } from './methodSettings';

export interface FieldsProps {
  draft: SettingsDraft;
  onChange: (change: Partial<SettingsDraft>) => void;
}

/** How many requests a method takes in a second, and how many at once. */
export function ThrottleFields({ draft, onChange }: FieldsProps) {
  const wrong = settingsProblems(draft);
  const number = (field: 'rate' | 'burst', label: string, constraintText: string) => (
    <FormField label={label} constraintText={constraintText} errorText={wrong[field]}>
      <Input value={draft[field]} onChange={(e) => onChange({ [field]: e.detail.value.trim() })} inputMode="decimal" />
    </FormField>
  );
  return (
    <SpaceBetween size="m">
      <Toggle checked={draft.throttled} onChange={(e) => onChange({ throttled: e.detail.checked })} description="Requests beyond it get 429.">Throttling</Toggle>
      {draft.throttled && (
        <SpaceBetween direction="horizontal" size="l">
          {number('rate', 'Rate', 'Requests per second.')}
          {number('burst', 'Burst', 'Requests at once.')}
        </SpaceBetween>
      )}
    </SpaceBetween>
  );
}
