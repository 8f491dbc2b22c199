import { describe, expect, test } from 'vitest';
import { chartOf, columnsOf, toCSV, toJSON } from './results';

const rows = (...list: Record<string, string>[]) => list.map((row) => new Map(Object.entries(row)));

test('columns in the order of appearance, without the pointer', () => {
  expect(columnsOf(rows({ a: '1', '@ptr': 'x' }, { b: '2', a: '3' }))).toEqual(['a', 'b']);
});

test('files', () => {
  const some = rows({ path: '/x', n: '2', '@ptr': 'p' }, { path: 'a,"b"\n' });
  expect(toCSV(some)).toBe('path,n\r\n/x,2\r\n"a,""b""\n",\r\n');
  expect(JSON.parse(toJSON(some))).toEqual([{ path: '/x', n: '2' }, { path: 'a,"b"\n' }]);
});

describe('charts', () => {
  test('counts by path', () => {
    expect(chartOf(rows({ path: '/x', n: '2' }, { path: '/y', n: '1' }))).toEqual({ labels: ['/x', '/y'], series: [{ name: 'n', values: [2, 1] }] });
  });
  test('counts by a code', () => {
    expect(chartOf(rows({ status: '200', n: '2' }, { status: '404', n: '1' }))).toEqual({ labels: ['200', '404'], series: [{ name: 'n', values: [2, 1] }] });
  });
  test('bins, the earliest first, with a gap', () => {
    const data = chartOf(rows({ 'bin(5m)': '2026-01-01 10:05:00.000', path: '/x', n: '3' }, { 'bin(5m)': '2026-01-01 10:00:00.000', path: '/x', n: '1' }, { 'bin(5m)': '2026-01-01 10:05:00.000', path: '/y', n: '2' }));
    expect(data).toMatchObject({ times: [Date.UTC(2026, 0, 1, 10), Date.UTC(2026, 0, 1, 10, 5)], series: [{ name: '/x', values: [1, 3] }, { name: '/y', values: [undefined, 2] }] });
  });
  test('bins by a code', () => {
    const data = chartOf(rows({ bar: '2026-01-01 10:00:00.000', status: '200', n: '3' }, { bar: '2026-01-01 10:00:00.000', status: '404', n: '1' }));
    expect(data!.series).toEqual([{ name: '200', values: [3] }, { name: '404', values: [1] }]);
  });
  test('several numbers over time', () => {
    const data = chartOf(rows({ bar: '2026-01-01 10:00:00.000', avg: '1.5', max: '9' }));
    expect(data!.series.map((s) => s.name)).toEqual(['avg', 'max']);
  });
  test('one number', () => {
    expect(chartOf(rows({ 'count(*)': '7' }))).toEqual({ labels: ['all'], series: [{ name: 'count(*)', values: [7] }] });
  });
  test('nothing to draw', () => {
    expect(chartOf(rows({ '@timestamp': '2026-01-01 10:00:00.000', '@message': 'x' }))).toBeUndefined();
    expect(chartOf([])).toBeUndefined();
  });
});
