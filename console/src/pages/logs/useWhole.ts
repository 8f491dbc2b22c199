import { useEffect, useMemo, useState } from 'react';
import { isAbort } from '../../aws/errors';
import { runQuery } from '../../aws/queries';
import { useSession } from '../../aws/useSession';
import type { Scope } from './api';
import { bucketWidth, mostBuckets } from './histogram';
import { conditionsOf } from './patternQuery';
import type { Range, ReaderState } from './entryReader';
import { countsOf, histogramQuery, statusSource, type Counted } from './whole';

/** How many entries of each bar and status class the whole range holds, as far as that is known. */
export interface Whole {
  counts?: readonly Counted[];
  /** What counts covers, milliseconds since 1970, inclusive both. */
  from: number;
  to: number;
  busy: boolean;
  /** Why there are no counts: the pattern cannot be asked as a query, or the query failed. */
  problem?: unknown;
}

const step = 10_000; // milliseconds; while following, counts are asked anew after each

/** Asks a query for what the reader does not hold. Where it holds the whole range there is nothing to ask. */
export function useWhole({ group, stream, pattern }: Scope, within: Range, state: ReaderState): Whole {
  const { region } = useSession();
  const { entries } = state.buffer;
  const to = state.following ? Math.floor(state.coveredTo / step) * step - 1 : within.end;
  const [begun, setBegun] = useState<Range>(); // the range whose first reading is over: a small one is then held whole
  useEffect(() => {
    if (!state.busy && entries.length > 0) {
      setBegun(within);
    }
  }, [state.busy, entries.length, within]);
  const needed = begun === within && entries.length > 0 && !(state.olderDone && (state.newerDone || state.following));
  const status = useMemo(() => statusSource(entries.slice(0, 300)), [entries]);
  const filters = useMemo(() => conditionsOf(pattern ?? ''), [pattern]);
  const text = needed && filters
    ? histogramQuery({ from: within.start, to, width: bucketWidth(Math.max(to - within.start, 1), mostBuckets), status, stream, filters })
    : undefined;
  const [found, setFound] = useState<Whole>();
  useEffect(() => {
    if (text === undefined) {
      return undefined;
    }
    const abort = new AbortController();
    const show = (part: Partial<Whole>) => !abort.signal.aborted && setFound((old) => ({ ...old, from: within.start, to, busy: false, ...part }));
    show({ busy: true, problem: undefined });
    runQuery({ text, groups: [group], start: within.start, end: to }, () => undefined, abort.signal).then(
      ({ status: end, rows }) => show(end === 'Complete' ? { counts: countsOf(rows) } : { counts: undefined, problem: new Error(`The query ended as ${end}.`) }),
      (problem: unknown) => !isAbort(problem) && show({ counts: undefined, problem }),
    );
    return () => abort.abort();
  }, [text, group, within.start, to, region]);
  if (text === undefined) {
    return { from: within.start, to, busy: false, problem: needed ? new Error('This filter pattern has no equal in queries.') : undefined };
  }
  return found && found.from === within.start ? found : { from: within.start, to, busy: true };
}
