import { expect, test } from 'vitest';
import { problemOf } from './errors';

test.each(['Failed to fetch', 'NetworkError when attempting to fetch resource.', 'Load failed', 'fetch failed'])('no answer: %s', (message) => {
  expect(problemOf(new TypeError(message)).code).toBe('No answer');
});

test('a mistake in the page is no missing answer', () => {
  expect(problemOf(new TypeError("Cannot read properties of undefined (reading 'x')"))).toEqual({
    code: 'TypeError', message: "Cannot read properties of undefined (reading 'x')",
  });
});

test("AWS' code and request ID", () => {
  const error = Object.assign(new Error('no such group'), { name: 'ResourceNotFoundException', $metadata: { requestId: 'r', httpStatusCode: 400 } });
  expect(problemOf(error)).toEqual({ code: 'ResourceNotFoundException', message: 'no such group', requestId: 'r', status: 400 });
});
