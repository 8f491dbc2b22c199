import { expect, test } from 'vitest';
import { canonicalKey, patchKey } from '../methods';
import { draftOf, inputOf, newPlan, patchesOf, problems, throttlePatches, throttleProblem, throttlesOf } from './plan';

const plan = { name: 'gold', throttle: { rateLimit: 0.5, burstLimit: 10 }, quota: { limit: 100, period: 'DAY' as const } };

test('a plan goes into the form and out of it', () => {
  expect(inputOf(draftOf(plan))).toEqual({ name: 'gold', description: undefined, throttle: plan.throttle, quota: plan.quota });
  expect(patchesOf(draftOf(plan), draftOf(plan))).toEqual([]);
});

test('only what changed is patched', () => {
  expect(patchesOf(draftOf(plan), { ...draftOf(plan), rate: '7', limited: false })).toEqual([
    { op: 'replace', path: '/throttle/rateLimit', value: '7' },
    { op: 'remove', path: '/quota' },
  ]);
  const bare = draftOf({ name: 'bare' });
  expect(patchesOf(bare, { ...bare, limited: true, limit: '5', period: 'WEEK' })).toEqual([
    { op: 'replace', path: '/quota/limit', value: '5' },
    { op: 'replace', path: '/quota/period', value: 'WEEK' },
  ]);
});

test('what is wrong', () => {
  expect(problems(newPlan)).toEqual({});
  expect(Object.keys(problems({ ...newPlan, rate: '-1', burst: '1.5', limit: '' }))).toEqual(['rate', 'burst', 'limit']);
  expect(problems({ ...newPlan, throttled: false, rate: 'x', limited: false, limit: 'x' })).toEqual({});
});

const stage = { apiId: 'api', stage: 'prod', throttle: { '/pets/GET': { rateLimit: 1, burstLimit: 2 }, '~1/ANY': { rateLimit: 3, burstLimit: 4 } } };

test('throttles of methods', () => {
  const rows = throttlesOf(stage);
  expect(rows).toEqual([{ method: '/ANY', rate: '3', burst: '4' }, { method: '/pets/GET', rate: '1', burst: '2' }]);
  expect(throttlePatches(stage, rows)).toEqual([]);
  expect(throttlePatches(stage, [{ method: '/pets/GET', rate: '1', burst: '9' }, { method: '/pets/{id}/PUT', rate: '5', burst: '6' }])).toEqual([
    { op: 'remove', path: '/apiStages/api:prod/throttle/~1/ANY' },
    { op: 'replace', path: '/apiStages/api:prod/throttle/~1pets/GET/burstLimit', value: '9' },
    { op: 'replace', path: '/apiStages/api:prod/throttle/~1pets~1{id}/PUT/rateLimit', value: '5' },
    { op: 'replace', path: '/apiStages/api:prod/throttle/~1pets~1{id}/PUT/burstLimit', value: '6' },
  ]);
  expect(throttleProblem(rows)).toBeUndefined();
  expect(throttleProblem([...rows, rows[0]!])).toMatch(/once/);
  expect(throttleProblem([{ method: '/GET', rate: '1', burst: '' }])).toMatch(/needs a rate/);
});

test.each([['/a/b/GET', 'a/b/GET'], ['~1a~1b/GET', 'a/b/GET'], ['~1/GET', '/GET'], ['/GET', '/GET'], ['*/*', '*/*'], ['a~0b/GET', 'a~b/GET']])('%s is %s', (key, canonical) => {
  expect(canonicalKey(key)).toBe(canonical);
});

test('a method as patches name it', () => {
  expect(patchKey('/', 'GET')).toBe('~1/GET');
  expect(canonicalKey(patchKey('/a/~b', 'ANY'))).toBe('a/~b/ANY');
});
