import { expect, test } from 'vitest';
import { absolute, formatRange, formatSpan, formatTime, parseRange, parseTime, rangeProblem, resolve } from './timeRange';

const now = Date.parse('2026-11-23T14:00:00Z');

test.each(['5m', '1h', '3d', '2M', '30s', '1y'])('%s means the same when read again', (text) => {
  expect(formatRange(parseRange(text)!)).toBe(text);
});

test('an absolute range means the same when read again', () => {
  const range = absolute(now - 5, now);
  expect(parseRange(formatRange(range))).toEqual(range);
  expect(resolve(range, 0)).toEqual({ start: now - 5, end: now });
});

test.each([null, '', '5', 'm5', '--', 'x--y', '2026-01-02--2026-01-01', '1234567m'])('%j is no range', (text) => {
  expect(parseRange(text)).toBeUndefined();
});

test('a relative range ends now', () => {
  expect(resolve({ type: 'relative', amount: 15, unit: 'minute' }, now)).toEqual({ start: now - 900_000, end: now });
  expect(resolve({ type: 'relative', amount: 999, unit: 'year' }, now).start).toBe(0);
});

test('problems', () => {
  expect(rangeProblem({ type: 'relative', amount: 0, unit: 'day' })).toBe('Say how long.');
  expect(rangeProblem(absolute(now, now - 1))).toBe('The end must be after the start.');
  expect(rangeProblem(absolute(now - 1, now))).toBeUndefined();
});

test('times that people type', () => {
  const day = formatTime(now).slice(0, 10);
  const local = (clock: string) => Date.parse(`${day}T${clock}`);
  expect(parseTime('9:05', now)).toBe(local('09:05'));
  expect(parseTime('14:03:12.5', now)).toBe(local('14:03:12.500'));
  expect(parseTime(`${day} 14:03`, now)).toBe(local('14:03'));
  expect(parseTime(day, now)).toBe(local('00:00'));
  expect(parseTime('2026-11-23T14:03:12Z', now)).toBe(Date.parse('2026-11-23T14:03:12Z'));
  expect(parseTime('1795443897138', now)).toBe(1_795_443_897_138);
  expect(parseTime('1795443897', now)).toBe(1_795_443_897_000);
  for (const text of ['', 'soon', '25:00', '2026-13-01', '12']) {
    expect(parseTime(text, now)).toBeUndefined();
  }
});

test('a shown time can be typed back', () => {
  expect(parseTime(formatTime(now + 7), now)).toBe(now + 7);
});

test.each([[350, '350 ms'], [1500, '1.5 s'], [12_000, '12 s'], [180_000, '3 min'], [7_200_000, '2 h'], [432_000_000, '5 d']])(
  '%d ms is %s', (ms, text) => expect(formatSpan(ms)).toBe(text),
);
