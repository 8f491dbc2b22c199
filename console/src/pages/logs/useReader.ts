import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { useSession } from '../../aws/useSession';
import { readPages, readStreamPages, type Scope } from './api';
import type { EntryReader, Range, ReaderState } from './entryReader';
import { Reader } from './reader';
import { StreamReader } from './streamReader';
import { resolve, type TimeRange } from '../../components/time/timeRange';

interface Wish extends Scope {
  range: TimeRange;
  /** A time in the range to begin at, in place of its end. */
  at?: number;
  /** Another number reads anew. */
  turn: number;
}

/** A reader for what the page's address asks for; a new one for each change, which ends the old one's work. */
export function useReader({ group, stream, pattern, range, at, turn }: Wish): { reader: EntryReader; state: ReaderState; within: Range } {
  const { region } = useSession();
  const { reader, within } = useMemo(() => {
    const { start, end } = resolve(range, Date.now());
    const within = { start: Math.min(start, at ?? start), end: Math.max(end, at ?? end) };
    const reader = stream !== undefined && !pattern
      ? new StreamReader(stream, readStreamPages(group, stream), within, at)
      : new Reader(readPages({ group, stream, pattern }), within, at);
    return { reader, within };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- region and turn ask for another reader
  }, [group, stream, pattern, range, at, turn, region]);
  useEffect(() => {
    void reader.older().then(() => reader.newer());
    return () => reader.stop();
  }, [reader]);
  return { reader, within, state: useSyncExternalStore(reader.subscribe, reader.getState) };
}
