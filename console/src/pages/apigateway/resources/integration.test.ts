import type { Integration } from '@aws-sdk/client-api-gateway';
import { expect, test } from 'vitest';
import { changesOf, complete, draftOf, typeOf, wireOf } from './integration';

const at = { region: 'us-east-1', accountId: '000000000000' };
const uri = 'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:f/invocations';

const http: Integration = {
  type: 'HTTP', uri: 'http://a/{id}', httpMethod: 'GET', connectionType: 'INTERNET', timeoutInMillis: 29_000, passthroughBehavior: 'WHEN_NO_MATCH',
  requestParameters: { 'integration.request.path.id': 'method.request.path.id', 'integration.request.header.X': "'1'" },
  requestTemplates: { 'application/json': '$input.body' }, cacheNamespace: 'r', cacheKeyParameters: [],
};
const others: Integration[] = [
  { type: 'AWS_PROXY', uri, httpMethod: 'POST', timeoutInMillis: 29_000, passthroughBehavior: 'WHEN_NO_MATCH', credentials: 'arn:aws:iam::0:role/r' },
  { type: 'MOCK', timeoutInMillis: 29_000, passthroughBehavior: 'NEVER', requestTemplates: { 'application/json': '{"statusCode": 200}' } },
  { type: 'AWS', uri: 'arn:aws:apigateway:us-east-1:sqs:path/0/q', httpMethod: 'POST', timeoutInMillis: 50, passthroughBehavior: 'WHEN_NO_TEMPLATES', contentHandling: 'CONVERT_TO_TEXT' },
  { type: 'HTTP_PROXY', uri: 'https://b', httpMethod: 'ANY', connectionType: 'VPC_LINK', connectionId: 'link1', timeoutInMillis: 1000, passthroughBehavior: 'WHEN_NO_MATCH', tlsConfig: { insecureSkipVerification: true } },
];

test('an integration that is opened and saved as it is does not change', () => {
  for (const integration of [http, ...others]) {
    const draft = draftOf(integration, 'GET');
    expect(typeOf(draft)).toBe(integration.type);
    expect(complete(draft)).toBe(true);
    expect(changesOf(integration, wireOf(draft, at))).toEqual([]);
  }
});

test('a VPC link is named or the integration is not complete; without one the endpoint is reached as any other', () => {
  const draft = draftOf(others[3]!, 'GET');
  expect(complete({ ...draft, link: '' })).toBe(false);
  expect(wireOf({ ...draft, kind: 'HTTP' }, at)).toMatchObject({ type: 'HTTP_PROXY', connectionType: 'INTERNET', connectionId: undefined });
});

test('changes of one field each', () => {
  const change = (edit: Partial<ReturnType<typeof draftOf>>) => changesOf(http, wireOf({ ...draftOf(http, 'GET'), ...edit }, at));
  expect(change({ timeout: '500' })).toEqual([{ op: 'replace', path: '/timeoutInMillis', value: '500' }]);
  expect(change({ kind: 'VPC', link: 'l' })).toEqual([{ op: 'replace', path: '/connectionType', value: 'VPC_LINK' }, { op: 'replace', path: '/connectionId', value: 'l' }]);
  expect(change({ query: [{ name: 'q', value: 'method.request.querystring.q' }], headers: [] })).toEqual([
    { op: 'remove', path: '/requestParameters/integration.request.header.X' },
    { op: 'add', path: '/requestParameters/integration.request.querystring.q', value: 'method.request.querystring.q' },
  ]);
  expect(change({ insecure: true })).toEqual([{ op: 'replace', path: '/tlsConfig/insecureSkipVerification', value: 'true' }]);
});

test('a function is called by POST, by its name', () => {
  expect(wireOf({ ...draftOf(http, 'GET'), kind: 'LAMBDA', proxy: true, lambda: 'f' }, at)).toMatchObject({ type: 'AWS_PROXY', uri, integrationHttpMethod: 'POST', connectionType: undefined });
});

test('complete', () => {
  expect(complete({ ...draftOf(http, 'GET'), uri: ' ' })).toBe(false);
  expect(complete({ ...draftOf(http, 'GET'), kind: 'LAMBDA' })).toBe(false);
  expect(complete({ ...draftOf(http, 'GET'), kind: 'MOCK', uri: '' })).toBe(true);
});
