import { expect, test } from 'vitest';
import { example, exampleItems, policyText, unfilled } from './policies';

test('policyText', () => {
  expect(policyText(undefined)).toBe('');
  expect(policyText('{\\"Version\\":\\"2012-10-17\\"}')).toBe('{\n  "Version": "2012-10-17"\n}');
  expect(policyText('{\\"Sid\\":\\"say \\\\\\"hi\\\\\\"\\",\\n\\"a\\":1}')).toBe('{\n  "Sid": "say \\"hi\\"",\n  "a": 1\n}');
  expect(policyText('{"a":1}')).toBe('{\n  "a": 1\n}');
  expect(policyText('no policy')).toBe('no policy');
});

test('examples say what is to be filled in', () => {
  for (const { id } of exampleItems) {
    const text = example(id);
    expect((JSON.parse(text) as { Statement: unknown[] }).Statement.length).toBeGreaterThan(0);
    expect(unfilled(text)).toMatch(/^\{\{/);
  }
  expect(unfilled('{"a":{"b":{}}}')).toBeUndefined();
});
