import { describe, expect, test } from 'vitest';
import { parseEntry } from './entry';
import { countsOf, histogramQuery, period, statusSource } from './whole';

const entry = (message: string) => parseEntry({ key: 'k', stream: 's', timestamp: 0, ingestionTime: 0, message });
const hour = 3_600_000;

test.each([
  ['{"id":"a","status":"200"}', { field: 'status' }],
  ['{"http":{"status-code":1,"status":"404"}}', undefined],
  ['10.0.0.1 - - [18/Apr/2026:23:05:24 +0000] "GET /x HTTP/1.1" 200 26 id', { field: 'tollbookStatus', parse: 'parse @message /" (?<tollbookStatus>[1-5]\\d\\d) /' }],
  ['no status here', undefined],
])('where %s keeps its status', (message, want) => {
  expect(statusSource([entry(message)])).toEqual(want);
});

test('periods', () => {
  expect([200, 1000, 30_000, 60_000, 15 * 60_000, 6 * hour, 24 * hour, 7 * 24 * hour].map(period)).toEqual(['200ms', '1s', '30s', '1m', '15m', '6h', '1d', '7d']);
});

describe('the query', () => {
  test('of a group', () => {
    expect(histogramQuery({ from: 0, to: hour, width: 60_000, status: { field: 'status' } })).toBe('stats count(*) as entries by bin(1m) as bar, status as code');
  });
  test('of a stream, a filter and a short range', () => {
    expect(histogramQuery({ from: 5, to: 9, width: 1, stream: 'a"b', filters: ['status >= 400'] })).toBe(
      'filter @logStream = "a\\"b" | filter toMillis(@timestamp) >= 5 | filter toMillis(@timestamp) <= 9 | filter status >= 400 | stats count(*) as entries by bin(1ms) as bar',
    );
  });
});

test('what its rows say', () => {
  const rows = [new Map([['bar', '2026-01-01 10:05:00.000'], ['code', '502'], ['entries', '3']]), new Map([['bar', '2026-01-01 10:05:00.000'], ['entries', '1']])];
  const timestamp = Date.UTC(2026, 0, 1, 10, 5);
  expect(countsOf(rows)).toEqual([{ timestamp, statusClass: '5xx', count: 3 }, { timestamp, statusClass: 'other', count: 1 }]);
});
