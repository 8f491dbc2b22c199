import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import { CodeEditor } from '.';
import { jsonProblem, prettyJSON } from './places';

interface Props {
  label: string;
  value: string;
  onChange: (text: string) => void;
  description?: string;
  lines?: number;
  /** Nothing at all is as good as JSON. */
  optional?: boolean;
}

/** A JSON text to edit. What is no JSON is told with its place. */
export function JSONField({ label, value, onChange, description, lines, optional = false }: Props) {
  const problem = optional && !value.trim() ? undefined : jsonProblem(value);
  return (
    <FormField
      label={label}
      description={description}
      stretch
      errorText={problem && `Line ${problem.line}, column ${problem.column}: ${problem.message}`}
      secondaryControl={<Button formAction="none" disabled={!!problem} onClick={() => onChange(prettyJSON(value))}>Format</Button>}
    >
      <CodeEditor label={label} language="json" value={value} onChange={onChange} lines={lines} marks={problem && [{ ...problem, severity: 'error' }]} />
    </FormField>
  );
}
