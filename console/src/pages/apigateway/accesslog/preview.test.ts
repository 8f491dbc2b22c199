import { describe, expect, test } from 'vitest';
import { predefined } from './predefined';
import { preview, readBack, sample } from './preview';
import { render } from './render';
import { variablesOf } from './tokens';
import { isVariable } from './variables';

const values = new Map([
  ['requestId', 'r-1'], ['extendedRequestId', 'x='], ['identity.sourceIp', '198.51.100.9'], ['requestTime', '01/May/2026:10:00:00 +0000'],
  ['httpMethod', 'PUT'], ['resourcePath', '/a "b", \\ {x}'], ['status', '503'], ['protocol', 'HTTP/1.1'], ['responseLength', '0'],
]);

describe('readBack', () => {
  test('reads what the JSON format wrote', () => {
    const entry = render(predefined.JSON, (name) => values.get(name));
    const back = readBack(predefined.JSON, entry)!;
    for (const name of variablesOf(predefined.JSON)) {
      expect(back.get(name), name).toBe(values.get(name) ?? '');
    }
  });
  test('bare values and messages', () => {
    const format = '{"s":$context.status,"l":$context.integrationLatency,"p":$context.path,"m":$context.error.messageString,"i":"$context.requestId $context.stage"}';
    const entry = render(format, (name) => ({ status: '403', path: '/x,"y"', 'error.messageString': 'No "way"', requestId: 'r', stage: 'prod' })[name]);
    expect(Object.fromEntries(readBack(format, entry)!)).toEqual({
      status: '403', integrationLatency: '', path: '/x,"y"', 'error.messageString': 'No "way"', requestId: 'r', stage: 'prod',
    });
  });
  test('refuses what was written otherwise', () => {
    expect(readBack(predefined.JSON, '{"other":"format"}')).toBeUndefined();
    expect(readBack(predefined.CLF, render(predefined.CLF, (name) => values.get(name)))).toBeUndefined();
    expect(readBack(predefined.JSON, `{ "requestId":"${'x'.repeat(20_000)}`)).toBeUndefined();
  });
});

describe('preview', () => {
  test('takes the real entry first and says what is made up', () => {
    const real = readBack('{"id":"$context.requestId","u":"$context.identity.user"}', '{"id":"r-7","u":"-"}')!;
    const got = preview('$context.requestId $context.identity.user $context.responseLatency $context.wafResponseCode', real);
    expect(got).toEqual({ line: 'r-7 - 12 -', madeUp: ['responseLatency'] });
  });
  test('is a sample without one', () => {
    expect(preview('$context.httpMethod $context.status')).toEqual({ line: 'GET 200', madeUp: [] });
  });
  test('the sample holds variables that exist', () => expect([...sample.keys()].filter((name) => !isVariable(name))).toEqual([]));
});
