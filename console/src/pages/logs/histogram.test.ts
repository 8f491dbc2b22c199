import { expect, test } from 'vitest';
import type { StatusClass } from './entry';
import { bucketWidth, histogram, inWords } from './histogram';

const at = (timestamp: number, statusClass: StatusClass = '2xx') => ({ timestamp, statusClass });

test.each([[1, 1], [100, 1], [60_000, 1000], [3_600_000, 60_000], [86_400_000, 15 * 60_000], [365 * 86_400_000, 7 * 86_400_000]])(
  'a span of %d ms is divided by %d ms', (span, width) => expect(bucketWidth(span, 120)).toBe(width),
);

test('counts by class; both ends belong to it, what is outside does not', () => {
  const h = histogram([at(1000), at(1000, '5xx'), at(60_999, '4xx'), at(61_000), at(61_001), at(999)], 1000, 61_000);
  expect(h.totals).toEqual({ '2xx': 2, '3xx': 0, '4xx': 1, '5xx': 1, other: 0 });
  expect(h.width).toBe(1000);
  expect(h.buckets[0]).toMatchObject({ start: 1000, total: 2 });
  expect(h.buckets.at(-1)).toMatchObject({ start: 61_000, total: 1 });
  expect(h.max).toBe(2);
});

test('buckets begin at even times and leave no gap', () => {
  const { buckets, width } = histogram([], 12_345, 99_999);
  expect(buckets[0]!.start % width).toBe(0);
  expect(buckets[0]!.start).toBeLessThanOrEqual(12_345);
  expect(buckets.at(-1)!.start + width).toBeGreaterThan(99_999);
  buckets.slice(1).forEach((b, i) => expect(b.start - buckets[i]!.start).toBe(width));
});

test('a moment has one bucket', () => {
  expect(histogram([at(5)], 5, 5)).toMatchObject({ max: 1, buckets: [{ start: 5, total: 1 }] });
});

test('in words', () => {
  expect(inWords({ '2xx': 1200, '3xx': 0, '4xx': 4, '5xx': 0, other: 0 })).toBe('1,204 entries: 1,200 2xx, 4 4xx');
  expect(inWords({ '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0, other: 0 })).toBe('0 entries');
});
