import type { LogGroup } from '@aws-sdk/client-cloudwatch-logs';
import { useState } from 'react';
import { FormModal } from '../../components/FormModal';
import { RetentionSelect } from './RetentionSelect';
import { setRetention } from './setRetention';

export function EditRetention({ group, onClose, onDone }: { group: LogGroup; onClose: () => void; onDone: () => void }) {
  const [days, setDays] = useState(group.retentionInDays);
  const save = async () => {
    await setRetention(group.logGroupName ?? '', days);
    onDone();
  };
  return (
    <FormModal title={`Retention of ${group.logGroupName}`} submitText="Save" onSubmit={save} onClose={onClose}>
      <RetentionSelect value={days} onChange={setDays} />
    </FormModal>
  );
}
