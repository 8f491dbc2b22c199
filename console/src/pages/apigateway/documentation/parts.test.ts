import { expect, test } from 'vitest';
import { locationOf, placeText, words } from './parts';

test('placeText', () => {
  expect(placeText({ type: 'API' })).toBe('-');
  expect(placeText({ type: 'RESPONSE', path: '/notes', method: 'GET', statusCode: '200' })).toBe('GET /notes 200');
  expect(placeText({ type: 'QUERY_PARAMETER', path: '/', method: '*', name: 'q' })).toBe('/ q');
});

test('words', () => {
  expect(words({ properties: '{"description":"All notes"}' })).toBe('All notes');
  expect(words({ properties: '{"tags":["a"]}' })).toBe('{"tags":["a"]}');
  expect(words({ properties: 'broken' })).toBe('broken');
});

test('locationOf leaves out what the type does not have', () => {
  expect(locationOf('RESOURCE', { path: '/notes ', method: 'GET', name: 'x' })).toEqual({ type: 'RESOURCE', path: '/notes' });
  expect(locationOf('RESPONSE', { path: '/', statusCode: ' ' })).toEqual({ type: 'RESPONSE', path: '/' });
});
