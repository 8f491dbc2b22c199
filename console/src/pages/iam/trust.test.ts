import { expect, test } from 'vitest';
import { readable, trustedEntities, trustPolicy, trustsService } from './trust';

test('trustedEntities', () => {
  const of = (document: unknown) => trustedEntities(encodeURIComponent(JSON.stringify(document)));
  const allow = (Principal: unknown) => ({ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' });
  expect(trustedEntities(trustPolicy('apigateway.amazonaws.com'))).toEqual(['AWS service: apigateway']);
  expect(of({ Statement: [allow({ Service: ['a.amazonaws.com', 'b.amazonaws.com'] })] })).toEqual(['AWS service: a', 'AWS service: b']);
  expect(of({ Statement: allow({ AWS: 'arn:aws:iam::123456789012:root' }) })).toEqual(['Account: 123456789012']);
  expect(of({ Statement: [allow('*'), allow('*'), { ...allow({ AWS: 'x' }), Effect: 'Deny' }] })).toEqual(['*']);
  expect(of({ Statement: allow({ Federated: 'idp' }) })).toEqual(['Federated: idp']);
  expect([undefined, 'no JSON', '%', '{}', '{"Statement":null}'].map(trustedEntities)).toEqual([[], [], [], [], []]);
});

test('trustsService', () => {
  expect(trustsService(encodeURIComponent(trustPolicy('apigateway.amazonaws.com')), 'apigateway.amazonaws.com')).toBe(true);
  expect(trustsService(trustPolicy('lambda.amazonaws.com'), 'apigateway.amazonaws.com')).toBe(false);
});

test('readable', () => {
  expect(readable(encodeURIComponent('{"a":[1]}'))).toBe('{\n  "a": [\n    1\n  ]\n}');
  expect(readable('not % JSON')).toBe('not % JSON');
});
