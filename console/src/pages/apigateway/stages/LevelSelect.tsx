import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import { levels, type Level } from './methodSettings';

/** How much the execution log tells. */
export function LevelSelect({ value, onChange }: { value: Level; onChange: (level: Level) => void }) {
  return (
    <FormField label="CloudWatch logs" description="Lines that say what happened to a request, step by step.">
      <Select selectedOption={levels.find((l) => l.value === value) ?? null} options={levels} onChange={(e) => onChange(e.detail.selectedOption.value as Level)} />
    </FormField>
  );
}
