import FormField from '@cloudscape-design/components/form-field';
import Select, { type SelectProps } from '@cloudscape-design/components/select';
import { retentionDays, retentionText } from './retention';

const options: SelectProps.Option[] = [undefined, ...retentionDays].map((days) => ({ value: days === undefined ? '' : String(days), label: retentionText(days) }));

export function RetentionSelect({ value, onChange }: { value: number | undefined; onChange: (days: number | undefined) => void }) {
  return (
    <FormField label="Retention setting" description="Entries are deleted when they are older.">
      <Select
        options={options}
        selectedOption={{ value: value === undefined ? '' : String(value), label: retentionText(value) }}
        onChange={(e) => onChange(e.detail.selectedOption.value ? Number(e.detail.selectedOption.value) : undefined)}
      />
    </FormField>
  );
}
