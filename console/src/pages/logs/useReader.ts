import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { useSession } from '../../aws/useSession';
import { readPages, type Scope } from './api';
import { Reader, type ReaderState } from './reader';
import { resolve, type TimeRange } from './timeRange';

interface Wish extends Scope {
  range: TimeRange;
  /** A time in the range to begin at, in place of its end. */
  at?: number;
  /** Another number reads anew. */
  turn: number;
}

/** A reader for what the page's address asks for; a new one for each change, which ends the old one's work. */
export function useReader({ group, stream, pattern, range, at, turn }: Wish): { reader: Reader; state: ReaderState } {
  const { region } = useSession();
  const reader = useMemo(() => {
    const { start, end } = resolve(range, Date.now());
    return new Reader(readPages({ group, stream, pattern }), { start: Math.min(start, at ?? start), end: Math.max(end, at ?? end) }, at);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- region and turn ask for another reader
  }, [group, stream, pattern, range, at, turn, region]);
  useEffect(() => {
    void reader.older().then(() => reader.newer());
    return () => reader.stop();
  }, [reader]);
  return { reader, state: useSyncExternalStore(reader.subscribe, reader.getState) };
}
