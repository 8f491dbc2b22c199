import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { ProblemAlert } from '../../components/Problem';
import { RangePicker } from '../../components/time/RangePicker';
import { Empty } from '../../components/Empty';
import { EntryList } from './EntryList';
import { JumpTo } from './JumpTo';
import { Overview } from './Overview';
import { PatternInput } from './PatternInput';
import type { ReaderState } from './entryReader';
import { absolute } from '../../components/time/timeRange';
import { useColumns } from './useColumns';
import { useReader } from './useReader';
import { useView, type View } from './useView';
import { useWhole } from './useWhole';
import './logs.css';

/** The entries of a log group, all its streams merged, or of one stream: search, histogram, list, following. */
export function EventsView({ group, stream }: { group: string; stream?: string }) {
  const [view, change] = useView();
  const [turn, setTurn] = useState(0);
  const { reader, state, within } = useReader({ group, stream, ...view, turn });
  const whole = useWhole({ group, stream, pattern: view.pattern }, within, state);
  const columns = useColumns(group, state.buffer.entries);
  const follow = () => {
    if (view.range.type === 'absolute' || view.at !== undefined) {
      change({ range: { type: 'relative', amount: 15, unit: 'minute' }, at: undefined });
      setFollowNext(true);
    } else {
      reader.follow();
    }
  };
  const [followNext, setFollowNext] = useState(false);
  if (followNext && state.newerDone && !state.busy) {
    setFollowNext(false);
    queueMicrotask(() => reader.follow()); // the reader of the new range
  }
  return (
    <Container disableContentPaddings>
      <Box padding={{ horizontal: 'l', vertical: 'm' }}>
        <SpaceBetween size="s">
          <div className="tb-tools">
            <PatternInput value={view.pattern} onApply={(pattern) => change({ pattern })} />
            <RangePicker value={view.range} onChange={(range) => change({ range, at: undefined })} />
            <JumpTo onJump={(at) => change({ at })} />
            <Button
              iconName={state.following ? 'pause' : 'play'}
              variant={state.following ? 'primary' : 'normal'}
              onClick={() => (state.following ? reader.pause() : follow())}
            >
              {state.following ? 'Pause' : 'Follow'}
            </Button>
            <Button iconName="refresh" ariaLabel="Read anew" disabled={state.following} onClick={() => setTurn((t) => t + 1)} />
            {columns.picker}
          </div>
          <ProblemAlert error={state.error} onRetry={() => void reader.older()} />
          <Overview state={state} reader={reader} whole={whole} onZoom={(start, end) => change({ range: absolute(start, end), at: undefined })} />
        </SpaceBetween>
      </Box>
      <EntryList
        group={group}
        reader={reader}
        state={state}
        columns={columns.visible}
        empty={<NoEntries view={view} state={state} onChange={change} />}
        onPattern={(pattern) => change({ pattern })}
      />
    </Container>
  );
}

function NoEntries({ view, state, onChange }: { view: View; state: ReaderState; onChange: (change: Partial<View>) => void }) {
  if (state.error !== undefined) {
    return null;
  }
  const wider = { type: 'relative', amount: 30, unit: 'day' } as const;
  return view.pattern ? (
    <Empty title="No entry matches" action={<Button onClick={() => onChange({ pattern: '' })}>Clear the filter pattern</Button>}>
      Nothing in the chosen time range matches the filter pattern.
    </Empty>
  ) : (
    <Empty title="No entries in this time range" action={<Button onClick={() => onChange({ range: wider, at: undefined })}>Look back 30 days</Button>}>
      Send a request through the API, or choose a longer range. New entries show within a second with Follow.
    </Empty>
  );
}
