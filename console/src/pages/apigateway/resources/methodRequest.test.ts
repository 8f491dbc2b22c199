import { expect, test } from 'vitest';
import { changesOf, draftOf, offeredValidators, standardValidators } from './methodRequest';

const method = {
  authorizationType: 'NONE', apiKeyRequired: false,
  requestParameters: { 'method.request.path.id': true, 'method.request.header.X': false },
  requestModels: { 'application/json': 'Note' },
};
const authorizers = [{ id: 'a1', type: 'TOKEN' as const }, { id: 'c1', type: 'COGNITO_USER_POOLS' as const }];

test('what is not touched does not change', () => {
  expect(changesOf(method, draftOf(method), [])).toEqual([]);
  const asked = { ...method, authorizationType: 'COGNITO_USER_POOLS', authorizerId: 'c1', authorizationScopes: ['s'], requestValidatorId: 'v' };
  expect(changesOf(asked, draftOf(asked), authorizers)).toEqual([]);
});

test('parameters and models; those of the path stay', () => {
  const draft = { ...draftOf(method), headers: [{ name: 'X', value: true }], query: [{ name: 'q', value: false }], models: [] };
  expect(changesOf(method, draft, [])).toEqual([
    { op: 'replace', path: '/requestParameters/method.request.header.X', value: 'true' },
    { op: 'add', path: '/requestParameters/method.request.querystring.q', value: 'false' },
    { op: 'remove', path: '/requestModels/application~1json' },
  ].sort((a, b) => order(a.path) - order(b.path)));
});

const order = (path: string) => ['/requestParameters/method.request.querystring.q', '/requestParameters/method.request.header.X', '/requestModels/application~1json'].indexOf(path);

test('authorization by an authorizer, and back', () => {
  expect(changesOf(method, { ...draftOf(method), authorization: 'a1', scopes: ['ignored'] }, authorizers)).toEqual([
    { op: 'replace', path: '/authorizationType', value: 'CUSTOM' },
    { op: 'replace', path: '/authorizerId', value: 'a1' },
  ]);
  const asked = { ...method, authorizationType: 'COGNITO_USER_POOLS', authorizerId: 'c1', authorizationScopes: ['s'] };
  expect(changesOf(asked, { ...draftOf(asked), authorization: 'AWS_IAM' }, authorizers)).toEqual([
    { op: 'replace', path: '/authorizationType', value: 'AWS_IAM' },
    { op: 'remove', path: '/authorizationScopes', value: 's' },
  ]);
});

test('validators on offer', () => {
  expect(offeredValidators([])).toEqual(standardValidators);
  const mine = { id: 'x', name: 'mine', validateRequestBody: true };
  expect(offeredValidators([mine]).map((v) => v.id)).toEqual(['x', 'new:parameters', 'new:both']);
});
