import CollectionPreferences from '@cloudscape-design/components/collection-preferences';
import { headingOf, type Choice } from './columns';

interface Props {
  choice: readonly Choice[];
  onChange: (choice: Choice[] | undefined) => void;
}

/** Which columns a log group shows, and in which order. */
export function Columns({ choice, onChange }: Props) {
  return (
    <CollectionPreferences
      title="Columns of this log group"
      confirmLabel="Confirm"
      cancelLabel="Cancel"
      preferences={{ contentDisplay: choice }}
      contentDisplayPreference={{
        title: 'Columns',
        description: 'The fields found in its entries. The choice is kept in this browser.',
        options: choice.map((c) => ({ id: c.id, label: headingOf(c.id) })),
      }}
      onConfirm={(e) => onChange(e.detail.contentDisplay as Choice[] | undefined)}
    />
  );
}
