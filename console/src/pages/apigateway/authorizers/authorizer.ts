// An authorizer as its form has it, and as API Gateway takes it.
import type { Authorizer, AuthorizerType, CreateAuthorizerRequest, PatchOperation } from '@aws-sdk/client-api-gateway';
import { listPatch, valuePatch } from '../patch';
import { functionOf, lambdaURI } from '../lambda';

export interface Draft {
  name: string;
  type: AuthorizerType;
  /** Name or ARN of the Lambda function. */
  lambda: string;
  /** Role by which the function is called; empty for none. */
  role: string;
  /** The header that holds the token, for TOKEN and COGNITO_USER_POOLS. */
  header: string;
  /** Mapping expressions such as method.request.header.Auth, for REQUEST. */
  sources: string[];
  /** Regular expression that tokens have to match; empty for none. */
  validation: string;
  /** ARNs of user pools, or issuers of tokens as URLs. */
  providers: string[];
  caching: boolean;
  ttl: string;
}

const headerPrefix = 'method.request.header.';

export const emptyDraft: Draft = {
  name: '', type: 'TOKEN', lambda: '', role: '', header: 'Authorization', sources: [`${headerPrefix}Authorization`], validation: '', providers: [''], caching: true, ttl: '300',
};

export function draftOf(a: Authorizer): Draft {
  const sources = (a.identitySource ?? '').split(',').map((s) => s.trim()).filter(Boolean);
  const ttl = a.authorizerResultTtlInSeconds ?? 300;
  return {
    name: a.name ?? '',
    type: a.type ?? 'TOKEN',
    lambda: functionOf(a.authorizerUri) ?? a.authorizerUri ?? '',
    role: a.authorizerCredentials ?? '',
    header: (sources[0] ?? '').replace(headerPrefix, ''),
    sources,
    validation: a.identityValidationExpression ?? '',
    providers: a.providerARNs ?? [],
    caching: ttl > 0,
    ttl: String(ttl || 300),
  };
}

type At = Parameters<typeof lambdaURI>[1];

/** What of the draft its type has. */
export function wireOf(draft: Draft, at: At): Omit<CreateAuthorizerRequest, 'restApiId'> {
  const cognito = draft.type === 'COGNITO_USER_POOLS';
  const sources = draft.type === 'REQUEST' ? draft.sources.map((s) => s.trim()).filter(Boolean) : [headerPrefix + draft.header.trim()];
  return {
    name: draft.name.trim(),
    type: draft.type,
    authorizerUri: cognito ? undefined : lambdaURI(draft.lambda.trim(), at),
    authorizerCredentials: cognito ? undefined : draft.role.trim() || undefined,
    providerARNs: cognito ? draft.providers.map((p) => p.trim()).filter(Boolean) : undefined,
    identitySource: sources.join(', ') || undefined,
    identityValidationExpression: draft.type === 'REQUEST' ? undefined : draft.validation || undefined,
    authorizerResultTtlInSeconds: draft.caching ? Number(draft.ttl) : 0,
  };
}

/** What is still missing; undefined when nothing is. */
export function incomplete(draft: Draft): string | undefined {
  if (!draft.name.trim()) {
    return 'The authorizer needs a name.';
  }
  if (draft.type === 'COGNITO_USER_POOLS') {
    return draft.providers.some((p) => p.trim()) ? undefined : 'It needs a user pool.';
  }
  if (!draft.lambda.trim()) {
    return 'It needs a Lambda function.';
  }
  if (draft.type === 'REQUEST' && draft.caching && !draft.sources.some((s) => s.trim())) {
    return 'Caching needs an identity source: answers are kept by it.';
  }
  return draft.type === 'TOKEN' && !draft.header.trim() ? 'It needs the name of the header that holds the token.' : undefined;
}

export function changesOf(was: Authorizer, draft: Draft, at: At): PatchOperation[] {
  const is = wireOf(draft, at);
  return [
    ...valuePatch('/name', was.name, is.name),
    ...valuePatch('/type', was.type, is.type),
    ...valuePatch('/authorizerUri', was.authorizerUri, is.authorizerUri),
    ...valuePatch('/authorizerCredentials', was.authorizerCredentials, is.authorizerCredentials),
    ...valuePatch('/identitySource', was.identitySource, is.identitySource),
    ...valuePatch('/identityValidationExpression', was.identityValidationExpression, is.identityValidationExpression),
    ...valuePatch('/authorizerResultTtlInSeconds', was.authorizerResultTtlInSeconds ?? 300, is.authorizerResultTtlInSeconds),
    ...(is.providerARNs ? listPatch('/providerARNs', was.providerARNs, is.providerARNs, 'value') : []),
  ];
}
