import { expect, test } from 'vitest';
import { languageOf, marksOf, problemFrom, refusedFor, warningsOf } from './problems';

test('problemFrom', () => {
  expect(problemFrom('line 12, column 3 (/paths/~1pets/get): unknown reference: #/x (y)', 'error')).toEqual({
    severity: 'error', line: 12, column: 3, path: '/paths/~1pets/get', message: 'unknown reference: #/x (y)',
  });
  expect(problemFrom('/info: has no title', 'warning')).toEqual({ severity: 'warning', path: '/info', message: 'has no title' });
  expect(problemFrom("Unable to create model for 'Pet': no", 'error')).toEqual({ severity: 'error', path: '', message: "Unable to create model for 'Pet': no" });
});

test('refusedFor', () => {
  const refusal = new Error('Errors found during import:\n\tline 1, column 2 (/a): b\n\tUnable to put method');
  expect(refusedFor(refusal)).toMatchObject([{ severity: 'error', line: 1, message: 'b' }, { path: '', message: 'Unable to put method' }]);
  expect(refusedFor(new Error('Warnings found during import:\n\t/a: b'))).toMatchObject([{ severity: 'warning', path: '/a' }]);
  expect(refusedFor(new Error('Invalid OpenAPI input.'))).toBeUndefined();
  expect(refusedFor('x')).toBeUndefined();
});

test('marksOf leaves out what has no place', () => {
  expect(marksOf(warningsOf(['line 3, column 4 (/a): b', 'c']))).toEqual([{ line: 3, column: 4, message: 'b', severity: 'warning' }]);
});

test('languageOf', () => {
  expect([' {"a":1}', 'openapi: 3.0.1', ''].map(languageOf)).toEqual(['json', 'yaml', 'yaml']);
});
