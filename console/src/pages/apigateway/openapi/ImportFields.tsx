import Checkbox from '@cloudscape-design/components/checkbox';
import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';

export interface ImportOptions {
  failOnWarnings: boolean;
  basepath: 'ignore' | 'prepend' | 'split';
}

export const defaultOptions: ImportOptions = { failOnWarnings: false, basepath: 'ignore' };

const basepaths = [
  { value: 'ignore', label: 'Ignore', description: 'Paths are as the document has them.' },
  { value: 'prepend', label: 'Prepend', description: "Every path begins with the document's base path." },
  { value: 'split', label: 'Split', description: "As prepend, without the base path's first part." },
] as const;

/** How a definition is read. */
export function ImportFields({ options, onChange }: { options: ImportOptions; onChange: (options: ImportOptions) => void }) {
  return (
    <SpaceBetween size="m">
      <FormField label="Base path">
        <Select
          ariaLabel="Base path"
          selectedOption={basepaths.find((b) => b.value === options.basepath)!}
          options={basepaths}
          onChange={(e) => onChange({ ...options, basepath: e.detail.selectedOption.value as ImportOptions['basepath'] })}
        />
      </FormField>
      <Checkbox checked={options.failOnWarnings} onChange={(e) => onChange({ ...options, failOnWarnings: e.detail.checked })}>
        Fail on warnings
      </Checkbox>
    </SpaceBetween>
  );
}
