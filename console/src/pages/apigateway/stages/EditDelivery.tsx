import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Multiselect from '@cloudscape-design/components/multiselect';
import RadioGroup from '@cloudscape-design/components/radio-group';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { useLoad } from '../../../aws/useLoad';
import { FormModal } from '../../../components/FormModal';
import { Unloaded } from '../../../components/Unloaded';
import { allowedFields, createDelivery, delimiters, delimiterText, updateDelivery, type DeliveryDraft, type DeliveryPlace, type DeliveryRow } from './deliveries';

interface Props {
  place: DeliveryPlace;
  /** The delivery to change; without it one is made. */
  row?: DeliveryRow;
  onDone: () => Promise<void>;
  onClose: () => void;
}

/** Makes a delivery, or changes what its lines look like. */
export function EditDelivery({ place, row, onDone, onClose }: Props) {
  const known = useLoad(allowedFields, []);
  const [draft, setDraft] = useState(() => draftOf(place, row));
  const notify = useNotify();
  const fields = draft.fields ?? known.data ?? [];
  const set = (change: Partial<Draft>) => setDraft((old) => ({ ...old, ...change }));
  const save = async () => {
    const whole = { ...draft, fields };
    await (row ? updateDelivery(row, whole) : createDelivery(place, whole));
    await onDone();
    notify.success(row ? `The delivery to ${row.group} was changed.` : `Execution log lines go to ${draft.group} now.`);
  };
  return (
    <FormModal
      title={row ? 'Edit delivery' : 'Create delivery'}
      submitText={row ? 'Save' : 'Create delivery'}
      size="large"
      incomplete={!known.data || fields.length === 0 || draft.group.trim() === ''}
      onSubmit={save}
      onClose={onClose}
    >
      {row ? <FormField label="Destination log group">{row.group}</FormField> : <Destination draft={draft} set={set} />}
      {known.data ? (
        <Fields known={known.data} value={fields} onChange={(chosen) => set({ fields: chosen })} />
      ) : (
        <Unloaded loading="Loading the fields" error={known.error} reload={known.reload} />
      )}
      {draft.format === 'plain' && (
        <FormField label="Field delimiter">
          <Select
            selectedOption={{ value: draft.delimiter, label: delimiterText(draft.delimiter) }}
            options={delimiters}
            onChange={(e) => set({ delimiter: e.detail.selectedOption.value! })}
          />
        </FormField>
      )}
    </FormModal>
  );
}

/** Without fields it has all that there are. */
type Draft = Omit<DeliveryDraft, 'fields'> & { fields?: readonly string[] };

function draftOf({ apiId, stageName }: DeliveryPlace, row?: DeliveryRow): Draft {
  return row
    ? { group: row.group, format: row.format === 'plain' ? 'plain' : 'json', fields: row.fields, delimiter: row.delimiter }
    : { group: `/aws/vendedlogs/apigateway/${apiId}/${stageName}`, format: 'json', delimiter: '\t' };
}

function Destination({ draft, set }: { draft: Draft; set: (change: Partial<Draft>) => void }) {
  return (
    <SpaceBetween size="m">
      <FormField label="Destination log group" constraintText="It is created if it is not there." stretch>
        <Input value={draft.group} onChange={(e) => set({ group: e.detail.value.trim() })} spellcheck={false} autoFocus ariaRequired />
      </FormField>
      <FormField label="Output format" description="It stays with the destination.">
        <RadioGroup
          value={draft.format}
          onChange={(e) => set({ format: e.detail.value as DeliveryDraft['format'] })}
          items={[
            { value: 'json', label: 'JSON', description: 'One object for each line, with its fields by name.' },
            { value: 'plain', label: 'Plain text', description: 'The fields one after another.' },
          ]}
        />
      </FormField>
    </SpaceBetween>
  );
}

function Fields({ known, value, onChange }: { known: readonly string[]; value: readonly string[]; onChange: (fields: string[]) => void }) {
  const option = (name: string) => ({ value: name, label: name });
  return (
    <FormField label="Fields" description="In this order. The payload is the line itself." errorText={value.length === 0 ? 'Choose at least one field.' : ''} stretch>
      <Multiselect
        options={known.map(option)}
        selectedOptions={value.map(option)}
        onChange={(e) => onChange(e.detail.selectedOptions.map((o) => o.value!))}
        placeholder={`${value.length} of ${known.length} fields`}
        ariaLabel="Fields"
        deselectAriaLabel={(o) => `Leave out ${o.label}`}
      />
    </FormField>
  );
}
