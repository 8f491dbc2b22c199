import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import CollectionPreferences from '@cloudscape-design/components/collection-preferences';
import Container from '@cloudscape-design/components/container';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useMemo, useRef, useState } from 'react';
import { ProblemAlert } from '../../components/Problem';
import { Empty } from '../../components/Empty';
import { bufferLimit } from './buffer';
import { columnsOf, firstChoice, headingOf, loadChoice, saveChoice, withNew, type Choice } from './columns';
import { EntryList } from './EntryList';
import { Histogram, Legend } from './Histogram';
import { JumpTo } from './JumpTo';
import { PatternInput } from './PatternInput';
import { RangePicker } from './RangePicker';
import type { Reader, ReaderState } from './reader';
import { absolute, formatSpan, formatTime } from './timeRange';
import { useReader } from './useReader';
import { useView, type View } from './useView';
import './logs.css';

/** The entries of a log group, all its streams merged, or of one stream: search, histogram, list, following. */
export function EventsView({ group, stream }: { group: string; stream?: string }) {
  const [view, change] = useView();
  const [turn, setTurn] = useState(0);
  const { reader, state } = useReader({ group, stream, ...view, turn });
  const columns = useColumns(group, state);
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
          <Overview state={state} reader={reader} onZoom={(start, end) => change({ range: absolute(start, end), at: undefined })} />
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

function useColumns(group: string, state: ReaderState) {
  const [chosen, setChosen] = useState<Choice[] | undefined>(() => loadChoice(group));
  const { entries } = state.buffer;
  const found = columnsOf(entries).join('\n'); // text, so that the same columns are the same value
  const lastFound = useRef(found);
  if (entries.length > 0) {
    lastFound.current = found;
  }
  const ids = useMemo(() => lastFound.current.split('\n'), [lastFound.current]); // eslint-disable-line react-hooks/exhaustive-deps -- text in a ref
  const choice = useMemo(() => (chosen ? withNew(chosen, ids) : firstChoice(ids)), [chosen, ids]);
  const visible = useMemo(() => choice.filter((c) => c.visible).map((c) => c.id), [choice]);
  const picker = (
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
      onConfirm={(e) => {
        const next = e.detail.contentDisplay as Choice[] | undefined;
        setChosen(next);
        saveChoice(group, next);
      }}
    />
  );
  return { visible, picker };
}

/** The histogram with what it covers: the entries held, no more and no less. */
function Overview({ state, reader, onZoom }: { state: ReaderState; reader: Reader; onZoom: (start: number, end: number) => void }) {
  const { entries } = state.buffer;
  if (entries.length === 0) {
    return null;
  }
  // An unread range says nothing: the picture begins where reading got to, and ends with the newest entry read.
  const from = state.olderDone ? Math.min(state.coveredFrom, entries.at(-1)!.timestamp) : entries.at(-1)!.timestamp;
  const to = Math.max(state.coveredTo, entries[0]!.timestamp);
  const full = entries.length >= bufferLimit - 2000;
  return (
    <SpaceBetween size="xs">
      <Histogram entries={entries} from={from} to={to} onZoom={onZoom} />
      <div className="tb-covered">
        <Legend entries={entries} />
        <Box color="text-body-secondary" fontSize="body-s">
          {state.following && <><StatusIndicator type="in-progress">Following</StatusIndicator> · </>}
          {state.skipped && <><StatusIndicator type="warning">Too fast to read all: some entries were passed over</StatusIndicator> · </>}
          <span className="tb-count">{entries.length === 1 ? '1 entry' : `${entries.length.toLocaleString('en')} entries`}</span> loaded, from {formatTime(from)} to {formatTime(to)} ({formatSpan(to - from)})
          {state.olderDone ? ', the whole range' : full ? ', as many as are held at once' : ''}.{' '}
          {!state.olderDone && !full && !state.following && (
            <Button variant="inline-link" loading={state.busy === 'older'} onClick={() => void reader.fill()}>
              {`Load up to ${bufferLimit.toLocaleString('en')}`}
            </Button>
          )}
        </Box>
      </div>
    </SpaceBetween>
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
