import { describe, expect, test } from 'vitest';
import { accept, complete } from './completion';
import { variables } from './variables';

/** The caret is where | stands. */
const at = (text: string) => {
  const caret = text.indexOf('|');
  return complete(text.replace('|', ''), caret);
};

describe('complete', () => {
  test('offers every variable after $', () => expect(at('x $|')?.names).toEqual(variables));
  test.each(['$con|', '$context.|', '${|', '${context|'])('offers every variable at %s', (text) => expect(at(text)?.names).toHaveLength(variables.length));
  test.each(['|', 'context.|', '$input|', '$context.nosuch|', '$context.stage |', '$5|', '$context.xrayTraceId|'])('offers nothing at %s', (text) =>
    expect(at(text)).toBeUndefined());
  test('those that begin come first', () => {
    const { names } = at('$context.status|')!;
    expect(names[0]).toBe('status');
    expect(names).toContain('integration.status');
  });
  test('ignores case', () => expect(at('$context.sourceip|')?.names).toEqual(['identity.sourceIp']));
});

describe('accept', () => {
  test.each([
    ['{"a":"$context.sou|"}', 'identity.sourceIp', '{"a":"$context.identity.sourceIp"}'],
    ['x$|', 'stage', 'x$context.stage'],
    ['x${context.st|}y', 'stage', 'x${context.stage}y'],
    ['x${st', 'stage', undefined],
    ['$context.re|questId', 'requestTime', '$context.requestTime'],
  ])('%s', (text, name, want) => {
    const caret = text.indexOf('|');
    const plain = text.replace('|', '');
    const found = caret < 0 ? undefined : complete(plain, caret);
    const got = found && accept(plain, found, name);
    expect(got?.text).toBe(want);
    if (got) {
      expect(got.text.slice(0, got.caret)).toMatch(new RegExp(`${name}\\}?$`));
    }
  });
});
