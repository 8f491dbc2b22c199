import { expect, test } from 'vitest';
import { changesOf, tagsOf, tagsProblem } from './tags';

test('what changes', () => {
  const before = tagsOf({ team: 'a', stage: 'prod', old: '' });
  expect(changesOf(before, [{ key: 'team', value: 'b' }, { key: 'stage', value: 'prod' }, { key: 'new', value: '' }])).toEqual({
    put: [{ key: 'team', value: 'b' }, { key: 'new', value: '' }], remove: ['old'],
  });
  expect(changesOf(before, before)).toEqual({ put: [], remove: [] });
});

test('what cannot be saved', () => {
  expect(tagsProblem([{ key: '', value: 'x' }])).toBe('Each tag needs a key.');
  expect(tagsProblem([{ key: 'a', value: '' }, { key: 'a', value: '' }])).toBe('A key can be used once.');
  expect(tagsProblem([])).toBeUndefined();
});
