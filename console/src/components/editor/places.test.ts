import { expect, test } from 'vitest';
import { jsonProblem, offsetOf, placeOf, prettyJSON } from './places';

test('offsets and places', () => {
  const text = 'ab\ncde\n\nf';
  expect([[1, 1], [2, 3], [3, 1], [4, 1]].map(([line, column]) => offsetOf(text, { line: line!, column: column! }))).toEqual([0, 5, 7, 8]);
  expect(offsetOf(text, { line: 1, column: 99 })).toBe(2); // not on the next line
  expect(offsetOf(text, { line: 99, column: 1 })).toBe(text.length);
  expect(offsetOf(text, { line: 0, column: 0 })).toBe(0);
  for (let i = 0; i <= text.length; i++) {
    expect(offsetOf(text, placeOf(text, i))).toBe(i);
  }
});

test('jsonProblem', () => {
  expect(jsonProblem('{\n  "a": x\n}')).toMatchObject({ line: 2, column: 8, message: 'A value is expected.' });
  expect(jsonProblem('{"a": 1')).toMatchObject({ line: 1, column: 8, message: 'The text ends too early.' });
  expect(jsonProblem('')).toMatchObject({ line: 1, column: 1 });
  expect(jsonProblem('{"a": 1,}')).toMatchObject({ column: 9, message: "A member's name in double quotes is expected." });
  expect(jsonProblem('[1 2]')).toMatchObject({ column: 4, message: 'A comma or ] is expected.' });
});

test('jsonProblem finds a problem where JSON.parse does', () => {
  const texts = [
    '{}', '[]', ' [1, -2.5e+3, "a\\u00e9\\n", true, null, {"a": {"b": []}}] ', '0', '01', '1.', '-', '"', '"a\nb"', '"\\x"', '{a: 1}', "{'a': 1}", '[,]', '[1,]', '{"a"}', '{} {}',
    'nul', 'true', '[[[[]]]]', '{"a":1,"a":2}', '\u00a01', '"\\u12"',
  ];
  for (const text of texts) {
    let parsed = true;
    try {
      JSON.parse(text);
    } catch {
      parsed = false;
    }
    expect([text, jsonProblem(text) === undefined]).toEqual([text, parsed]);
  }
});

test('prettyJSON', () => {
  expect(prettyJSON('{"a":{"b":1}}')).toBe('{\n  "a": {\n    "b": 1\n  }\n}');
  expect(prettyJSON('{"a"')).toBe('{"a"');
});
