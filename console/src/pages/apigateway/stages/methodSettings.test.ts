import { expect, test } from 'vitest';
import { draftOf, effectiveSettings, overridePatches, ownSettings, removeOverride, settingsPatches, settingsProblems } from './methodSettings';

const all = { loggingLevel: 'INFO', dataTraceEnabled: true, metricsEnabled: true, throttlingRateLimit: 5, throttlingBurstLimit: 10, cachingEnabled: true, cacheTtlInSeconds: 60 };
const stage = { methodSettings: { '*/*': all, '~1notes/POST': { loggingLevel: 'ERROR', throttlingRateLimit: -1, throttlingBurstLimit: -1 } } };
const replace = (path: string, value: string) => ({ op: 'replace', path, value });

test('a level is two members', () => {
  expect(draftOf(all).level).toBe('FULL');
  expect(draftOf({ ...all, dataTraceEnabled: false }).level).toBe('INFO');
  expect(draftOf({ loggingLevel: 'ERROR', dataTraceEnabled: true }).level).toBe('ERROR');
  expect(settingsPatches('*/*', undefined, { ...draftOf(undefined), level: 'FULL' })).toEqual([replace('/*/*/logging/loglevel', 'INFO'), replace('/*/*/logging/dataTrace', 'true')]);
  expect(settingsPatches('*/*', all, { ...draftOf(all), level: 'ERROR' })).toEqual([replace('/*/*/logging/loglevel', 'ERROR'), replace('/*/*/logging/dataTrace', 'false')]);
  expect(settingsPatches('*/*', all, { ...draftOf(all), level: 'INFO' })).toEqual([replace('/*/*/logging/dataTrace', 'false')]);
});

test('what is not touched stays as it is', () => {
  const odd = { loggingLevel: 'ERROR', dataTraceEnabled: true };
  expect(settingsPatches('*/*', odd, draftOf(odd))).toEqual([]);
  expect(settingsPatches('*/*', all, draftOf(all))).toEqual([]);
  expect(settingsPatches('*/*', undefined, draftOf(undefined))).toEqual([]);
});

test('no limit is -1', () => {
  expect(settingsPatches('*/*', all, { ...draftOf(all), throttled: false })).toEqual([replace('/*/*/throttling/rateLimit', '-1'), replace('/*/*/throttling/burstLimit', '-1')]);
  expect(draftOf(stage.methodSettings['~1notes/POST']).throttled).toBe(false);
});

test("a method's own settings are found however their key is written, and hold in place of all methods'", () => {
  expect(ownSettings(stage, '/notes', 'POST')).toBe(stage.methodSettings['~1notes/POST']);
  expect(ownSettings(stage, '/notes', 'GET')).toBeUndefined();
  expect(effectiveSettings(stage, '/notes', 'POST')).toMatchObject({ level: 'ERROR', metrics: false, throttled: false });
  expect(effectiveSettings(stage, '/notes', 'GET')).toMatchObject({ level: 'FULL', rate: '5', caching: true });
  expect(effectiveSettings(stage, '/notes', 'DELETE').caching).toBe(false);
});

test('an override begins with defaults, so all that differs from them is written', () => {
  const paths = overridePatches(stage, '/', 'GET', effectiveSettings(stage, '/', 'GET')).map((op) => `${op.path}=${op.value}`);
  expect(paths).toEqual([
    '/~1/GET/logging/loglevel=INFO', '/~1/GET/logging/dataTrace=true', '/~1/GET/metrics/enabled=true',
    '/~1/GET/throttling/rateLimit=5', '/~1/GET/throttling/burstLimit=10', '/~1/GET/caching/enabled=true', '/~1/GET/caching/ttlInSeconds=60',
  ]);
  expect(overridePatches({}, '/a/b', 'PUT', draftOf(undefined))).toEqual([replace('/~1a~1b/PUT/metrics/enabled', 'false')]);
  expect(removeOverride({ methodSettings: { 'a/b/PUT': {} } }, '/a/b', 'PUT')).toEqual({ op: 'remove', path: '/a/b/PUT' });
});

test('what is wrong', () => {
  expect(settingsProblems(draftOf(all))).toEqual({});
  expect(Object.keys(settingsProblems({ ...draftOf(all), rate: '', burst: '1.5', ttl: '3601' }))).toEqual(['rate', 'burst', 'ttl']);
});
