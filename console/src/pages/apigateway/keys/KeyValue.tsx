import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { Copyable } from '../../../components/Copyable';
import { useWork } from '../../../components/useWork';
import { valueOf } from './keys';

/** The value of a key, which is asked for when somebody wants to see it. */
export function KeyValue({ id, name }: { id: string; name: string }) {
  const [value, setValue] = useState<string>();
  const { busy, run } = useWork();
  const notify = useNotify();
  const show = () =>
    void run(async () => {
      try {
        setValue(await valueOf(id));
      } catch (problem) {
        notify.error(problem, 'The value could not be read');
      }
    });
  if (value === undefined) {
    return <Button variant="inline-link" loading={busy} ariaLabel={`Show the value of ${name}`} onClick={show}>Show</Button>;
  }
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <Copyable value={value} label="API key" />
      <Button variant="inline-link" ariaLabel={`Hide the value of ${name}`} onClick={() => setValue(undefined)}>Hide</Button>
    </SpaceBetween>
  );
}

export function Status({ enabled }: { enabled?: boolean }) {
  return <StatusIndicator type={enabled ? 'success' : 'stopped'}>{enabled ? 'Enabled' : 'Disabled'}</StatusIndicator>;
}
