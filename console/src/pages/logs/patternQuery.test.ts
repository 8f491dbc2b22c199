import { expect, test } from 'vitest';
import { conditionsOf } from './patternQuery';

test.each([
  ['', []],
  ['timeout -health "GET /x"', ['@message like "timeout"', '@message not like "health"', '@message like "GET /x"']],
  ['"say \\"hi\\""', ['@message like "say \\"hi\\""']],
  ['{ $.status = 403 || $.status = 404 }', ['(status = 403 or status = 404)']],
  ['{ $.a = 1 || $.b = 2 && $.c = 3 }', ['(a = 1 or (b = 2 and c = 3))']],
  ['{ ($.a = 1 || $.b = 2) && $.c != "x" }', ['((a = 1 or b = 2) and c != "x")']],
  ['{ $.status = 5* }', ['status like /^5/']],
  ['{ $.path != "/a.b*" }', ['(ispresent(path) and path not like /^\\/a\\.b/)']],
  ['{ $.items[0].user-id >= 1.5 }', ['items.0.`user-id` >= 1.5']],
])('%s', (pattern, want) => {
  expect(conditionsOf(pattern)).toEqual(want);
});

test.each(['?a ?b', '%x%', '[ip, user]', '{ $.a IS NULL }', '{ $.a NOT EXISTS }', '{ $.a[*] = 1 }', '{ $.a = }', '{ $.a = 1', '{ $.a < "x" }', '{ $.a = %x% }', 'a.b'])('%s is left to filter patterns', (pattern) => {
  expect(conditionsOf(pattern)).toBeUndefined();
});
