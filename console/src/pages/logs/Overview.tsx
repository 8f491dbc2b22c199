import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useMemo } from 'react';
import { problemOf } from '../../aws/errors';
import { bufferLimit } from './buffer';
import type { Entry } from './entry';
import { Histogram, Legend } from './Histogram';
import type { Countable } from './histogram';
import type { EntryReader, ReaderState } from './entryReader';
import { formatSpan, formatTime } from '../../components/time/timeRange';
import type { Whole } from './useWhole';

interface Props {
  state: ReaderState;
  reader: EntryReader;
  whole: Whole;
  onZoom: (start: number, end: number) => void;
}

/** The histogram with what it covers: the whole range, or where that is not known the entries held, no more and no less. */
export function Overview({ state, reader, whole, onZoom }: Props) {
  const { entries } = state.buffer;
  const shown = useMemo(() => (whole.counts ? wholeOf(whole.counts, whole, entries) : undefined), [whole, entries]);
  if (entries.length === 0) {
    return null;
  }
  // An unread range says nothing: the picture begins where reading got to, and ends with the newest entry read.
  const from = state.olderDone ? Math.min(state.coveredFrom, entries.at(-1)!.timestamp) : entries.at(-1)!.timestamp;
  const to = Math.max(state.coveredTo, entries[0]!.timestamp);
  const full = entries.length >= bufferLimit - 2000;
  const part = shown ?? { counted: entries, from, to };
  return (
    <SpaceBetween size="xs">
      <Histogram entries={part.counted} from={part.from} to={part.to} onZoom={onZoom} />
      <div className="tb-covered">
        <Legend entries={part.counted} />
        <Box color="text-body-secondary" fontSize="body-s">
          {state.following && <><StatusIndicator type="in-progress">Following</StatusIndicator> · </>}
          {state.skipped && <><StatusIndicator type="warning">Too fast to read all: some entries were passed over</StatusIndicator> · </>}
          <Covered whole={whole} counted={shown?.counted} />
          <span className="tb-count">{amount(entries.length)}</span> loaded, from {formatTime(from)} to {formatTime(to)} ({formatSpan(to - from)})
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

const amount = (n: number) => (n === 1 ? '1 entry' : `${n.toLocaleString('en')} entries`);

/** The counts of a query, and of the entries that came after it. */
function wholeOf(counts: readonly Countable[], { from, to }: Whole, entries: readonly Entry[]) {
  const after = entries.findIndex((e) => e.timestamp <= to);
  const newer = after < 0 ? entries : entries.slice(0, after);
  return { counted: [...counts, ...newer], from, to: Math.max(to, newer[0]?.timestamp ?? 0) };
}

/** What the picture is of, where it is not of the entries loaded. */
function Covered({ whole, counted }: { whole: Whole; counted?: readonly Countable[] }) {
  if (counted) {
    const total = counted.reduce((sum, c) => sum + (c.count ?? 1), 0);
    return <><span className="tb-whole">{amount(total)}</span> in the whole range{whole.busy ? ', being counted anew' : ''}; </>;
  }
  if (whole.busy) {
    return <><StatusIndicator type="loading">Counting the whole range</StatusIndicator> · </>;
  }
  return whole.problem === undefined ? null : <>The picture is of the entries loaded, since the whole range could not be counted ({problemOf(whole.problem).message}) · </>;
}
