import { expect, test } from 'vitest';
import { daysOf, usageCSV, usageOf } from './usage';

test('days, both ends included, over the end of a month', () => {
  expect(daysOf('2026-02-27', '2026-03-01')).toEqual(['2026-02-27', '2026-02-28', '2026-03-01']);
  expect(daysOf('2026-03-02', '2026-03-01')).toEqual([]);
});

test('what keys used, who used most first', () => {
  const rows = usageOf({ a: [[1, 9], [2, 7]], b: [[5, 5], [0, 5]], c: [] }, new Map([['b', 'busy, "the" key']]));
  expect(rows).toEqual([
    { keyId: 'b', name: 'busy, "the" key', total: 5, remaining: 5, byDay: [5, 0] },
    { keyId: 'a', name: 'a', total: 3, remaining: 7, byDay: [1, 2] },
    { keyId: 'c', name: 'c', total: 0, remaining: 0, byDay: [] },
  ]);
  expect(usageCSV(['d1', 'd2'], rows.slice(0, 1))).toBe('Key ID,Name,d1,d2\r\nb,"busy, ""the"" key",5,0\r\n');
});
