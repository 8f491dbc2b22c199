import { expect, test } from 'vitest';
import { lineAndColumn, queryProblem } from './problem';

const malformed = (startCharOffset?: number, endCharOffset?: number) =>
  Object.assign(new Error('long'), { name: 'MalformedQueryException', queryCompileError: { message: 'short', location: { startCharOffset, endCharOffset } } });

test('places count characters', () => {
  expect(queryProblem(malformed(2, 4), 'fields x')).toEqual({ message: 'short', from: 2, to: 4 });
  expect(queryProblem(malformed(1, 2), '😀x y')).toEqual({ message: 'short', from: 2, to: 3 });
});

test('a place beyond the end is the end', () => {
  expect(queryProblem(malformed(9, 12), 'ab')).toMatchObject({ from: 2, to: 2 });
});

test('other errors have no place', () => {
  expect(queryProblem(new Error('x'), 'ab')).toBeUndefined();
});

test('line and column', () => {
  expect(lineAndColumn('ab\ncd', 4)).toBe('line 2, column 2');
});
