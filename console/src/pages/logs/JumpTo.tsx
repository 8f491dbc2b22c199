import { lazy } from 'react';
import { OnDemand } from '../../components/OnDemand';

const JumpForm = lazy(async () => ({ default: (await import('./JumpForm')).JumpForm }));

export function JumpTo(props: { onJump: (timestamp: number) => void }) {
  return (
    <OnDemand button={{ iconName: 'calendar' }} text="Jump to time">
      <JumpForm {...props} />
    </OnDemand>
  );
}
