import { expect, test } from 'vitest';
import { changesOf, draftOf, emptyDraft, incomplete, wireOf, type Draft } from './authorizer';

const at = { region: 'us-east-1', accountId: '000000000000' };
const uri = 'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:auth/invocations';
const token: Draft = { ...emptyDraft, name: 'auth', lambda: 'auth' };

test('what each type sends', () => {
  expect(wireOf(token, at)).toEqual({
    name: 'auth', type: 'TOKEN', authorizerUri: uri, identitySource: 'method.request.header.Authorization', authorizerResultTtlInSeconds: 300,
  });
  expect(wireOf({ ...token, type: 'REQUEST', sources: ['method.request.querystring.k', ' ', 'context.stage'], validation: 'x', caching: false }, at)).toEqual({
    name: 'auth', type: 'REQUEST', authorizerUri: uri, identitySource: 'method.request.querystring.k, context.stage', authorizerResultTtlInSeconds: 0,
  });
  expect(wireOf({ ...token, type: 'COGNITO_USER_POOLS', providers: ['arn:p ', ''], header: 'Auth' }, at)).toEqual({
    name: 'auth', type: 'COGNITO_USER_POOLS', providerARNs: ['arn:p'], identitySource: 'method.request.header.Auth', authorizerResultTtlInSeconds: 300,
  });
});

test('what is missing', () => {
  expect(incomplete(token)).toBeUndefined();
  expect(incomplete({ ...token, lambda: ' ' })).toMatch('Lambda');
  expect(incomplete({ ...token, type: 'REQUEST', sources: [''] })).toMatch('identity source');
  expect(incomplete({ ...token, type: 'REQUEST', sources: [''], caching: false })).toBeUndefined();
  expect(incomplete({ ...token, type: 'COGNITO_USER_POOLS' })).toMatch('user pool');
});

test('only what changed is sent', () => {
  const stored = { id: 'a', ...wireOf(token, at) };
  expect(changesOf(stored, draftOf(stored), at)).toEqual([]);
  expect(changesOf(stored, { ...draftOf(stored), caching: false, header: 'X-Token' }, at)).toEqual([
    { op: 'replace', path: '/identitySource', value: 'method.request.header.X-Token' },
    { op: 'replace', path: '/authorizerResultTtlInSeconds', value: '0' },
  ]);
});
