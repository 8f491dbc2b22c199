import FormField from '@cloudscape-design/components/form-field';
import RadioGroup from '@cloudscape-design/components/radio-group';
import { levels, type Level } from './methodSettings';

/** How much the execution log tells. */
export function LevelSelect({ value, onChange }: { value: Level; onChange: (level: Level) => void }) {
  return (
    <FormField label="CloudWatch logs" description="Lines that say what happened to a request, step by step." stretch>
      <RadioGroup items={levels} value={value} onChange={(e) => onChange(e.detail.value as Level)} />
    </FormField>
  );
}
