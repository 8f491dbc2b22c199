import AttributeEditor from '@cloudscape-design/components/attribute-editor';
import Box from '@cloudscape-design/components/box';
import Input from '@cloudscape-design/components/input';
import type { ReactNode } from 'react';
import { twice, type Row } from './rows';

interface Props<V> {
  /** What a row is, such as "header"; names the buttons and fields. */
  what: string;
  rows: readonly Row<V>[];
  onChange: (rows: Row<V>[]) => void;
  /** Heads of the two columns. */
  nameLabel?: string;
  valueLabel: string;
  /** The value that a new row has. */
  fresh: V;
  /** The control of a row's value; label is its name. */
  value: (value: V, set: (value: V) => void, label: string) => ReactNode;
  namePlaceholder?: string;
}

/** Rows of a name and a value, which can be added and removed. */
export function RowsEditor<V>({ what, rows, onChange, nameLabel = 'Name', valueLabel, fresh, value, namePlaceholder }: Props<V>) {
  const set = (i: number, change: Partial<Row<V>>) => onChange(rows.map((r, n) => (n === i ? { ...r, ...change } : r)));
  const double = twice(rows);
  return (
    <>
      <AttributeEditor
        items={rows}
        definition={[
          {
            label: nameLabel,
            control: (row: Row<V>, i) => (
              <Input ariaLabel={`${nameLabel} of ${what} ${i + 1}`} value={row.name} placeholder={namePlaceholder} onChange={(e) => set(i, { name: e.detail.value })} spellcheck={false} />
            ),
          },
          { label: valueLabel, control: (row: Row<V>, i) => value(row.value, (v) => set(i, { value: v }), `${valueLabel} of ${what} ${i + 1}`) },
        ]}
        addButtonText={`Add ${what}`}
        removeButtonText="Remove"
        removeButtonAriaLabel={(row) => `Remove ${what} ${row.name}`}
        onAddButtonClick={() => onChange([...rows, { name: '', value: fresh }])}
        onRemoveButtonClick={(e) => onChange(rows.filter((_, i) => i !== e.detail.itemIndex))}
        empty={`No ${what}s.`}
      />
      {double && <Box color="text-status-error">{`${double} is there twice.`}</Box>}
    </>
  );
}

/** RowsEditor of texts. */
export function TextRows({ valuePlaceholder, ...rest }: Omit<Props<string>, 'value' | 'fresh'> & { valuePlaceholder?: string }) {
  return (
    <RowsEditor
      {...rest}
      fresh=""
      value={(value, set, label) => <Input ariaLabel={label} value={value} placeholder={valuePlaceholder} onChange={(e) => set(e.detail.value)} spellcheck={false} />}
    />
  );
}
