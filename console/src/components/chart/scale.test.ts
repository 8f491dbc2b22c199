import { expect, test } from 'vitest';
import { linePath, short, slicePath, ticks } from './scale';

test.each([
  [0, [0, 1]], [1, [0, 0.2, 0.4, 0.6, 0.8, 1]], [7, [0, 2, 4, 6, 8]], [100, [0, 20, 40, 60, 80, 100]], [0.03, [0, 0.01, 0.02, 0.03]], [1234, [0, 500, 1000, 1500]],
])('ticks up to %s', (max, want) => {
  expect(ticks(max)).toEqual(want);
});

test.each([[0, '0'], [12.345, '12.3'], [1234, '1,234'], [12_345, '12.3 k'], [3_400_000, '3.4 M'], [0.00123, '0.001']])('%s is told as %s', (n, want) => {
  expect(short(n)).toBe(want);
});

test('a line breaks where a point is missing', () => {
  expect(linePath([0, 1, 2, 3], [5, 6, undefined, 7])).toBe('M0.0 5.0L1.0 6.0M3.0 7.0');
});

test('slices', () => {
  expect(slicePath(0, 0.25, 10)).toBe('M0 0L0.00 -10.00A10 10 0 0 1 10.00 0.00Z');
  expect(slicePath(0, 1, 10)).toContain('A10 10 0 1 1 0 10');
});
