import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';

interface Props {
  name: string;
  description: string;
  onName: (name: string) => void;
  onDescription: (description: string) => void;
}

/** What most things in a form begin with. The name takes the focus. */
export function NameFields({ name, description, onName, onDescription }: Props) {
  return (
    <SpaceBetween size="m">
      <FormField label="Name">
        <Input value={name} onChange={(e) => onName(e.detail.value)} spellcheck={false} autoFocus ariaRequired />
      </FormField>
      <FormField label="Description - optional">
        <Input value={description} onChange={(e) => onDescription(e.detail.value)} />
      </FormField>
    </SpaceBetween>
  );
}
