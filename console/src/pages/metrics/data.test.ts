import { expect, test } from 'vitest';
import { gridOf, onGrid, periodFor } from './data';

const hour = 3_600_000;

test.each([[hour, 60], [3 * hour, 60], [12 * hour, 300], [24 * hour, 900], [7 * 24 * hour, 3600], [30 * 24 * hour, 6 * 3600], [365 * 24 * hour, 2 * 86_400]])('a span of %s ms in periods of %s s', (span, want) => {
  expect(periodFor(span)).toBe(want);
});

test('the grid touches the range', () => {
  expect(gridOf(61_000, 180_000, 60)).toEqual([60_000, 120_000, 180_000]);
});

test('gaps and zeros', () => {
  const result = { Timestamps: [new Date(120_000), new Date(60_000)], Values: [2, 1] };
  expect(onGrid([60_000, 120_000, 180_000], result)).toEqual([1, 2, undefined]);
  expect(onGrid([60_000, 180_000], result, true)).toEqual([1, 0]);
  expect(onGrid([60_000], undefined)).toEqual([undefined]);
});
