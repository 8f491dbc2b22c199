import { UpdateUsageCommand, type UsagePlan } from '@aws-sdk/client-api-gateway';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { FormModal } from '../../../components/FormModal';
import type { KeyUsage } from './usage';

/** What remains to a key in the present period, as somebody sets it. */
export function Grant({ plan, usage, onDone, onClose }: { plan: UsagePlan; usage: KeyUsage; onDone: () => Promise<void>; onClose: () => void }) {
  const [remaining, setRemaining] = useState(String(usage.remaining));
  const notify = useNotify();
  const right = /^\d{1,10}$/.test(remaining);
  const save = async () => {
    await apigateway().send(
      new UpdateUsageCommand({ usagePlanId: plan.id, keyId: usage.keyId, patchOperations: [{ op: 'replace', path: '/remaining', value: remaining }] }),
    );
    await onDone();
    notify.success(`API key ${usage.name} has ${Number(remaining).toLocaleString('en')} requests left.`);
  };
  return (
    <FormModal title="Extend the quota" submitText="Save" incomplete={!right} onSubmit={save} onClose={onClose}>
      <FormField label="Remaining requests" description={`Of API key ${usage.name}, until the present ${plan.quota?.period?.toLowerCase()} ends.`} errorText={right ? '' : 'Enter a whole number.'}>
        <Input value={remaining} onChange={(e) => setRemaining(e.detail.value.trim())} inputMode="numeric" autoFocus />
      </FormField>
    </FormModal>
  );
}
