import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Toggle from '@cloudscape-design/components/toggle';
import { settingsProblems, type SettingsDraft } from './methodSettings';
import type { FieldsProps } from './ThrottleFields';

const strategies = [
  { value: 'SUCCEED_WITH_RESPONSE_HEADER', label: 'Ignore it, with a Warning header' },
  { value: 'SUCCEED_WITHOUT_RESPONSE_HEADER', label: 'Ignore it' },
  { value: 'FAIL_WITH_403', label: 'Refuse the request with 403' },
];

/** Whether and how long responses are kept. */
export function CacheFields({ draft, onChange, label, description }: FieldsProps & { label: string; description: string }) {
  const wrong = settingsProblems(draft);
  return (
    <SpaceBetween size="m">
      <Toggle checked={draft.caching} onChange={(e) => onChange({ caching: e.detail.checked })} description={description}>{label}</Toggle>
      {draft.caching && (
        <SpaceBetween size="m">
          <FormField label="Time to live" constraintText="In seconds, at most 3600. 0 keeps nothing." errorText={wrong.ttl}>
            <Input value={draft.ttl} onChange={(e) => onChange({ ttl: e.detail.value.trim() })} inputMode="numeric" />
          </FormField>
          <Toggle checked={draft.encrypted} onChange={(e) => onChange({ encrypted: e.detail.checked })} description="Kept as a setting; the cache is in memory only.">Encrypt cache data</Toggle>
          <Toggle checked={draft.authorized} onChange={(e) => onChange({ authorized: e.detail.checked })} description="A client that sends Cache-Control: max-age=0 needs permission to get a fresh response.">
            Require authorization for invalidation
          </Toggle>
          {draft.authorized && (
            <FormField label="Without permission">
              <Select
               
                selectedOption={strategies.find((s) => s.value === draft.strategy) ?? null}
                options={strategies}
                onChange={(e) => onChange({ strategy: e.detail.selectedOption.value as SettingsDraft['strategy'] })}
              />
            </FormField>
          )}
        </SpaceBetween>
      )}
    </SpaceBetween>
  );
}
