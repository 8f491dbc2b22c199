import { expect, test } from 'vitest';
import { parseEntry } from './entry';
import { patternFor } from './pattern';
import { placeholders, replayProblem, replayURL, requestOf, stageOfGroup } from './replay';
import { sharedFields } from './neighbours';

const entry = (message: string) => parseEntry({ key: 'k', id: 'k', stream: 's', timestamp: 0, ingestionTime: 0, message });

test('API and stage from the name of the group', () => {
  expect(stageOfGroup('API-Gateway-Access-Logs_abc123/prod')).toEqual({ apiId: 'abc123', stage: 'prod' });
  expect(stageOfGroup('mine')).toBeUndefined();
});

test('a request filled from an entry', () => {
  const group = 'API-Gateway-Access-Logs_abc123/prod';
  expect(requestOf(entry('{"httpMethod":"POST","path":"/prod/notes/1"}'), group)).toMatchObject({ apiId: 'abc123', stage: 'prod', method: 'POST', path: '/notes/1' });
  expect(requestOf(entry('{"httpMethod":"GET","resourcePath":"/notes/{id}","apiId":"z9","stage":"dev"}'), 'g')).toMatchObject({ apiId: 'z9', stage: 'dev', path: '/notes/{id}' });
  expect(requestOf(entry('text'), 'g')).toMatchObject({ apiId: '', method: 'GET', path: '/' });
});

test('what is missing is said', () => {
  const request = requestOf(entry('{"resourcePath":"/a/{x}/{y+}"}'), 'API-Gateway-Access-Logs_a/b');
  expect(placeholders(request.path)).toEqual(['x', 'y+']);
  expect(replayProblem(request)).toBe('Put a value in place of {x}, {y+} in the path.');
  expect(replayProblem({ ...request, path: '/a/1/2?q={}' })).toBeUndefined();
  expect(replayProblem({ ...request, apiId: '' })).toBe('Say which API and stage it goes to.');
});

test('a replay stays on this origin', () => {
  const url = replayURL({ apiId: '//evil.example', stage: 'prod', path: '/a?b', method: 'GET', headers: [], body: '' });
  expect(new URL(url, 'http://127.0.0.1:4566').origin).toBe('http://127.0.0.1:4566');
  expect(url).toBe('/restapis/%2F%2Fevil.example/prod/_user_request_/a?b');
});

test('patterns for the same values', () => {
  const json = entry('{"ip":"1.2.3.4","status":404,"a":{"b":[{"c":"x\\"y"}]},"odd key":"v"}');
  expect(patternFor(json, ['ip', 'status'])).toBe('{ $.ip = "1.2.3.4" && $.status = 404 }');
  expect(patternFor(json, ['a.b.0.c', 'odd key'])).toBe('{ $.a.b[0].c = "x\\"y" && $[\'odd key\'] = "v" }');
  expect(patternFor(json, ['none'])).toBeUndefined();
  const clf = entry('203.0.113.7 - - [23/Nov/2026:14:00:00 +0000]"GET /notes HTTP/1.1" 200 28 r-1');
  expect(sharedFields(clf)).toEqual(['ip', 'resourcePath']);
  expect(patternFor(clf, sharedFields(clf))).toBe('"203.0.113.7" "/notes"');
});
