import { expect, test } from 'vitest';
import { pathParameters, pathWithQuery } from './testRequest';

test('pathParameters', () => {
  expect(pathParameters('/notes/{id}/{proxy+}')).toEqual(['id', 'proxy']);
  expect(pathParameters('/')).toEqual([]);
});

test('pathWithQuery', () => {
  expect(pathWithQuery('/notes/{id}', { id: 'a b/c' }, '')).toBe('/notes/a%20b%2Fc');
  expect(pathWithQuery('/{proxy+}', { proxy: 'a b/c' }, '?x=1')).toBe('/a%20b/c?x=1');
  expect(pathWithQuery('/notes/{id}', {}, ' ')).toBe('/notes/{id}'); // as API Gateway itself has it without a value
});
