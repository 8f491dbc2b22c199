import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Popover from '@cloudscape-design/components/popover';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { parseTime } from '../../components/time/timeRange';

/** Takes a time and goes there, within the log and whatever the time range was. */
export function JumpForm({ onJump }: { onJump: (timestamp: number) => void }) {
  const [text, setText] = useState('');
  const time = parseTime(text, Date.now());
  const go = () => time !== undefined && onJump(time);
  return (
    <Popover
      header="Jump to time"
      triggerType="custom"
      size="medium"
      content={
        <form onSubmit={(e) => { e.preventDefault(); go(); }}>
          <SpaceBetween size="s">
            <FormField label="Time" constraintText="14:03, 2026-11-23 14:03:12, an ISO time with zone, or epoch milliseconds." errorText={text && time === undefined ? 'This is not a time.' : ''}>
              <Input value={text} onChange={(e) => setText(e.detail.value)} placeholder="2026-11-23 14:03:12" autoFocus />
            </FormField>
            <Button formAction="submit" disabled={time === undefined}>Jump</Button>
          </SpaceBetween>
        </form>
      }
    >
      <Button iconName="calendar">Jump to time</Button>
    </Popover>
  );
}
