import { expect, test } from 'vitest';
import { functionName, functionOf, lambdaURI } from './lambda';

const at = { region: 'eu-west-1', accountId: '000000000000' };
const arn = 'arn:aws:lambda:eu-west-1:000000000000:function:notes';
const uri = `arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/${arn}/invocations`;

test('a function by name, ARN or URI', () => {
  expect(lambdaURI('notes', at)).toBe(uri);
  expect(lambdaURI(arn, { ...at, region: 'us-east-1' })).toBe(uri); // where the function is, not where the API is
  expect(lambdaURI(uri, at)).toBe(uri);
  expect(lambdaURI('${stageVariables.fn}', at)).toContain(':function:${stageVariables.fn}/invocations');
});

test('and back', () => {
  expect(functionOf(uri)).toBe(arn);
  expect(functionOf('http://localhost/')).toBeUndefined();
  expect(functionName(arn)).toBe('notes');
  expect(functionName(`${arn}:prod`)).toBe('notes:prod');
});
