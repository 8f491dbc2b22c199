import { describe, expect, test } from 'vitest';
import { predefined } from './predefined';
import { maxFormatBytes, refusal, warnings } from './validate';

describe('refusal', () => {
  const noRequest = 'Access Log format must include either $context.requestId or $context.extendedRequestId';
  const severalLines = 'Access Log format must be single line, new line character is allowed only at end of the format';
  const filled = (bytes: number) => `$context.requestId ${'x'.repeat(bytes - 19)}`;
  test.each([
    ['request ID', '$context.requestId', undefined],
    ['extended request ID', 'x $context.extendedRequestId', undefined],
    ['braces', '${context.requestId}', undefined],
    ['line break at the end', '$context.requestId\n', undefined],
    ['unknown variables', '$context.requestId $context.nosuch $input.path', undefined],
    ['3 KB', filled(maxFormatBytes), undefined],
    ['too long', filled(maxFormatBytes + 1), 'Access Log format must not be larger than 3072 bytes'],
    ['too long in bytes', filled(maxFormatBytes - 1) + 'é', 'Access Log format must not be larger than 3072 bytes'],
    ['empty', '', 'Access Log value must not be empty'],
    ['only a line break', '\n', 'Access Log value must not be empty'],
    ['line break inside', '$context.requestId\nx', severalLines],
    ['two at the end', '$context.requestId\n\n', severalLines],
    ['no request ID', '$context.stage', noRequest],
    ['a longer name', '$context.requestIdentity', noRequest],
  ])('%s', (_, format, want) => expect(refusal(format)).toBe(want));
});

describe('warnings', () => {
  test.each(Object.entries(predefined))('none for %s', (_, format) => {
    expect(warnings(format)).toEqual([]);
    expect(refusal(format)).toBeUndefined();
  });
  test('unknown variables', () => {
    expect(warnings('$context.requestId $context.requestid')).toEqual(['$context.requestid: no such variable, always prints "-".']);
  });
  test('other templates', () => {
    expect(warnings('$context.requestId $input.body')[0]).toMatch(/^\$input\.body is not evaluated/);
  });
  test('broken JSON', () => {
    expect(warnings('{"id":"$context.requestId", "s":$context.status}')).toEqual([]);
    expect(warnings('{"id":"$context.requestId" "s":$context.status}')[0]).toMatch(/will not be JSON/);
  });
});
