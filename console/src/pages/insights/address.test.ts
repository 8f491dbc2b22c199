import { expect, test } from 'vitest';
import { firstQuery, fromHistory, hashOf, wishOf } from './address';

test('there and back', () => {
  const wish = { groups: ['a/b', 'c#d'], text: 'filter a = "x & y"\n| limit 5', range: { type: 'relative', amount: 3, unit: 'hour' } as const };
  expect(wishOf(hashOf(wish))).toEqual(wish);
});

test('nothing is the first query over the last hour', () => {
  expect(wishOf('')).toEqual({ groups: [], text: firstQuery, range: { type: 'relative', amount: 1, unit: 'hour' } });
});

test('out of the history', () => {
  expect(fromHistory('SOURCE "g/1" START=1770399000000 END=1770402900999 | stats count(*) | sort a')).toEqual({
    groups: ['g/1'], text: 'stats count(*) | sort a', range: { type: 'absolute', startDate: '2026-02-06T17:30:00.000Z', endDate: '2026-02-06T18:35:00.999Z' },
  });
  expect(fromHistory("SOURCE logGroups(namePrefix: ['a']) | limit 1").text).toContain('SOURCE logGroups');
});
