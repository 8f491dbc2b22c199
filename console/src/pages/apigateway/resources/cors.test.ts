import { expect, test } from 'vitest';
import { answerHeaders, corsProblem, corsSteps, defaultCors, headerPatch, leftToEndpoint, preflightHeaders } from './cors';

const draft = { ...defaultCors, methods: ['GET', 'OPTIONS', 'DELETE'] };
const resource = {
  id: 'r', path: '/notes',
  resourceMethods: { GET: { methodIntegration: { type: 'HTTP' as const } }, DELETE: { methodIntegration: { type: 'AWS_PROXY' as const } }, OPTIONS: {} },
};

test('headers as AWS writes them', () => {
  expect(preflightHeaders(draft)).toEqual({
    'Access-Control-Allow-Headers': "'Content-Type,X-Amz-Date,Authorization,X-Api-Key,X-Amz-Security-Token'",
    'Access-Control-Allow-Methods': "'DELETE,GET,OPTIONS'",
    'Access-Control-Allow-Origin': "'*'",
  });
  const named = { ...draft, origin: 'https://a', credentials: true, exposeHeaders: 'ETag', maxAge: '60' };
  expect(answerHeaders(named)).toEqual({
    'Access-Control-Allow-Origin': "'https://a'", 'Access-Control-Expose-Headers': "'ETag'", 'Access-Control-Allow-Credentials': "'true'",
  });
  expect(preflightHeaders(named)).toMatchObject({ 'Access-Control-Max-Age': "'60'", 'Access-Control-Allow-Credentials': "'true'" });
  expect(preflightHeaders({ ...draft, methods: ['ANY'] })['Access-Control-Allow-Methods']).toBe("'DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT'");
});

test('corsProblem', () => {
  expect(corsProblem(draft)).toBeUndefined();
  expect(corsProblem({ ...draft, credentials: true })).toMatch('name the origin');
  expect(corsProblem({ ...draft, origin: ' ' })).toMatch('origin');
});

test('the steps', () => {
  expect(corsSteps('a', resource, { ...draft, gatewayResponses: ['DEFAULT_4XX'] }).map((s) => s.what)).toEqual([
    'Remove the present OPTIONS method',
    'Create method OPTIONS with a fixed answer',
    'Add the headers to the answers of GET',
    'Add the headers to gateway response DEFAULT_4XX',
  ]);
  expect(leftToEndpoint(resource, draft.methods)).toEqual(['DELETE']);
});

test('headerPatch adds and replaces, and takes nothing away', () => {
  expect(headerPatch({ a: "'1'", b: "'2'" }, { b: "'3'", c: "'4'" })).toEqual([
    { op: 'replace', path: '/responseParameters/b', value: "'3'" },
    { op: 'add', path: '/responseParameters/c', value: "'4'" },
  ]);
});
