// How many entries of each status class fall into which stretch of time. Pure.
import { statusClasses, type StatusClass } from './entry';

export interface Bucket {
  /** Milliseconds since 1970; the bucket ends where the next begins. */
  start: number;
  counts: Record<StatusClass, number>;
  total: number;
}

export interface Histogram {
  buckets: Bucket[];
  /** Width of each bucket in milliseconds. */
  width: number;
  /** Of the fullest bucket. */
  max: number;
  totals: Record<StatusClass, number>;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Widths that people read easily, in milliseconds. */
const widths = [
  1, 2, 5, 10, 20, 50, 100, 200, 500,
  second, 2 * second, 5 * second, 10 * second, 15 * second, 30 * second,
  minute, 2 * minute, 5 * minute, 10 * minute, 15 * minute, 30 * minute,
  hour, 2 * hour, 3 * hour, 6 * hour, 12 * hour, day, 7 * day, 30 * day, 90 * day, 365 * day,
];

/** The least easy width that divides a stretch of time into at most so many buckets. */
export function bucketWidth(span: number, most: number): number {
  return widths.find((w) => Math.ceil(span / w) < most) ?? Math.ceil(span / most);
}

/** Bars of a histogram, at most. */
export const mostBuckets = 120;

export interface Countable {
  timestamp: number;
  statusClass: StatusClass;
  count?: number;
}

const none = (): Record<StatusClass, number> => ({ '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0, other: 0 });

/**
 * Counts entries between from and to, both inclusive, in at most so many buckets; an item that says a count stands for so
 * many entries of its bucket. Entries outside are left out; their order does not matter.
 */
export function histogram(
  entries: readonly Countable[],
  from: number,
  to: number,
  most = mostBuckets,
): Histogram {
  const width = bucketWidth(Math.max(to - from, 1), most);
  const first = Math.floor(from / width);
  const buckets = Array.from({ length: Math.floor(to / width) - first + 1 }, (_, i): Bucket => ({
    start: (first + i) * width,
    counts: none(),
    total: 0,
  }));
  const totals = none();
  for (const { timestamp, statusClass, count } of entries) {
    const bucket = (timestamp >= from || count !== undefined) && timestamp <= to ? buckets[Math.floor(timestamp / width) - first] : undefined;
    if (bucket) {
      bucket.counts[statusClass] += count ?? 1;
      bucket.total += count ?? 1;
      totals[statusClass] += count ?? 1;
    }
  }
  return { buckets, width, max: buckets.reduce((max, b) => Math.max(max, b.total), 0), totals };
}

/** Says the counts in words: "1,204 entries: 1,100 2xx, 104 4xx". */
export function inWords(totals: Record<StatusClass, number>): string {
  const all = statusClasses.reduce((sum, c) => sum + totals[c], 0);
  const parts = statusClasses.filter((c) => totals[c] > 0).map((c) => `${totals[c].toLocaleString('en')} ${c}`);
  return `${all.toLocaleString('en')} ${all === 1 ? 'entry' : 'entries'}${parts.length ? `: ${parts.join(', ')}` : ''}`;
}
