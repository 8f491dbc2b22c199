import { expect, test } from 'vitest';
import { listPatch, mapPatch, pointer, valuePatch } from './patch';

test('pointer', () => {
  expect(pointer('application/json')).toBe('application~1json');
  expect(pointer('a~b/c')).toBe('a~0b~1c');
});

test('valuePatch sends only what changes', () => {
  expect(valuePatch('/uri', undefined, '')).toEqual([]);
  expect(valuePatch('/apiKeyRequired', false, false)).toEqual([]);
  expect(valuePatch('/apiKeyRequired', false, true)).toEqual([{ op: 'replace', path: '/apiKeyRequired', value: 'true' }]);
  expect(valuePatch('/contentHandling', 'CONVERT_TO_TEXT', undefined)).toEqual([{ op: 'replace', path: '/contentHandling', value: '' }]);
});

test('mapPatch', () => {
  const was = { 'application/json': 'a', 'text/xml': 'b', same: 'c' };
  const is = { 'application/json': 'A', same: 'c', 'text/plain': '' };
  expect(mapPatch('/requestTemplates', was, is)).toEqual([
    { op: 'remove', path: '/requestTemplates/text~1xml' },
    { op: 'replace', path: '/requestTemplates/application~1json', value: 'A' },
    { op: 'add', path: '/requestTemplates/text~1plain', value: '' },
  ]);
  expect(mapPatch('/requestParameters', { 'method.request.header.a': false }, { 'method.request.header.a': true })).toEqual([
    { op: 'replace', path: '/requestParameters/method.request.header.a', value: 'true' },
  ]);
});

test('listPatch', () => {
  expect(listPatch('/binaryMediaTypes', ['a/b', 'c'], ['c', '*/*'])).toEqual([
    { op: 'remove', path: '/binaryMediaTypes/a~1b' },
    { op: 'add', path: '/binaryMediaTypes/*~1*' },
  ]);
  expect(listPatch('/providerARNs', undefined, ['arn:x'], 'value')).toEqual([{ op: 'add', path: '/providerARNs', value: 'arn:x' }]);
});
