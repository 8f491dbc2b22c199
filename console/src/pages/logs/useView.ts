import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router';
import { formatRange, parseRange, type TimeRange } from '../../components/time/timeRange';

/** What the reader looks at: it stands in the page's address, so that a link shows the same. */
export interface View {
  pattern: string;
  range: TimeRange;
  /** A time to begin at. */
  at?: number;
}

const firstRange: TimeRange = { type: 'relative', amount: 1, unit: 'hour' };

export function useView(): [View, (change: Partial<View>) => void] {
  const [query, setQuery] = useSearchParams();
  const pattern = query.get('filter') ?? '';
  const rangeText = query.get('range');
  const at = query.get('at');
  const view = useMemo<View>(
    () => ({ pattern, range: parseRange(rangeText) ?? firstRange, at: at && /^\d+$/.test(at) ? Number(at) : undefined }),
    [pattern, rangeText, at],
  );
  const change = useCallback(
    (to: Partial<View>) =>
      setQuery((old) => {
        const next = { ...view, ...to };
        put(old, 'filter', next.pattern);
        put(old, 'range', formatRange(next.range));
        put(old, 'at', next.at === undefined ? '' : String(next.at));
        return old;
      }),
    [setQuery, view],
  );
  return [view, change];
}

function put(query: URLSearchParams, name: string, value: string): void {
  if (value) {
    query.set(name, value);
  } else {
    query.delete(name);
  }
}
