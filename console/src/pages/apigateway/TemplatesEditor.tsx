import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { CodeEditor } from '../../components/editor';
import { twice, type Row } from '../../components/rows';

interface Props {
  label: string;
  description?: string;
  /** Templates by content type. */
  rows: readonly Row<string>[];
  onChange: (rows: Row<string>[]) => void;
  language?: 'template' | 'json';
  /** What a new template holds. */
  fresh?: string;
}

/** Mapping templates, one for each content type. */
export function TemplatesEditor({ label, description, rows, onChange, language = 'template', fresh = '' }: Props) {
  const set = (i: number, change: Partial<Row<string>>) => onChange(rows.map((r, n) => (n === i ? { ...r, ...change } : r)));
  const double = twice(rows);
  const next = rows.some((r) => r.name === 'application/json') ? '' : 'application/json';
  return (
    <FormField label={label} description={description} stretch errorText={double && `There are two templates for ${double}.`}>
      <SpaceBetween size="s">
        {rows.map((row, i) => (
          <SpaceBetween size="xxs" key={i}>
            <SpaceBetween direction="horizontal" size="xs" alignItems="center">
              <Input ariaLabel={`Content type of template ${i + 1}`} value={row.name} placeholder="application/json" onChange={(e) => set(i, { name: e.detail.value.trim() })} spellcheck={false} />
              <Button formAction="none" ariaLabel={`Remove template ${row.name}`} onClick={() => onChange(rows.filter((_, n) => n !== i))}>Remove</Button>
            </SpaceBetween>
            <CodeEditor label={`Template ${i + 1}`} language={language} lines={4} value={row.value} onChange={(value) => set(i, { value })} />
          </SpaceBetween>
        ))}
        <Button formAction="none" onClick={() => onChange([...rows, { name: next, value: fresh }])}>Add mapping template</Button>
      </SpaceBetween>
    </FormField>
  );
}
