// A method's request settings as their form has them, and as API Gateway takes them.
import type { Authorizer, Method, PatchOperation, RequestValidator } from '@aws-sdk/client-api-gateway';
import { mapOf, rowsBelow, rowsOf, type Row } from '../../../components/rows';
import { listPatch, mapPatch, valuePatch } from '../patch';

export interface MethodDraft {
  /** NONE, AWS_IAM, or an authorizer's ID. */
  authorization: string;
  /** OAuth scopes, for Cognito authorizers. */
  scopes: string[];
  /** A validator's ID; empty for none. */
  validator: string;
  apiKey: boolean;
  operationName: string;
  /** Whether each is required. */
  query: Row<boolean>[];
  headers: Row<boolean>[];
  /** Model names by content type. */
  models: Row<string>[];
}

const places = { path: 'method.request.path.', query: 'method.request.querystring.', headers: 'method.request.header.' };

export function draftOf(m: Method): MethodDraft {
  return {
    authorization: m.authorizerId ?? m.authorizationType ?? 'NONE',
    scopes: m.authorizationScopes ?? [],
    validator: m.requestValidatorId ?? '',
    apiKey: !!m.apiKeyRequired,
    operationName: m.operationName ?? '',
    query: rowsBelow(m.requestParameters, places.query),
    headers: rowsBelow(m.requestParameters, places.headers),
    models: rowsOf(m.requestModels),
  };
}

/** @param authorizers those of the API, one of which the draft may name */
export function changesOf(was: Method, d: MethodDraft, authorizers: readonly Authorizer[]): PatchOperation[] {
  const authorizer = authorizers.find((a) => a.id === d.authorization);
  const cognito = authorizer?.type === 'COGNITO_USER_POOLS';
  const type = authorizer ? (cognito ? 'COGNITO_USER_POOLS' : 'CUSTOM') : d.authorization;
  const kept = Object.fromEntries(Object.entries(was.requestParameters ?? {}).filter(([name]) => name.startsWith(places.path)));
  return [
    ...valuePatch('/authorizationType', was.authorizationType, type),
    ...(authorizer ? valuePatch('/authorizerId', was.authorizerId, authorizer.id) : []),
    ...listPatch('/authorizationScopes', was.authorizationScopes, cognito ? d.scopes.map((s) => s.trim()).filter(Boolean) : [], 'value'),
    ...valuePatch('/requestValidatorId', was.requestValidatorId, d.validator),
    ...valuePatch('/apiKeyRequired', !!was.apiKeyRequired, d.apiKey),
    ...valuePatch('/operationName', was.operationName, d.operationName.trim()),
    ...mapPatch('/requestParameters', was.requestParameters, { ...kept, ...mapOf(d.query, places.query), ...mapOf(d.headers, places.headers) }),
    ...mapPatch('/requestModels', was.requestModels, mapOf(d.models)),
  ];
}

/** The validators that AWS' console offers; each is made when it is first chosen. */
export const standardValidators = [
  { id: 'new:body', name: 'Validate body', validateRequestBody: true, validateRequestParameters: false },
  { id: 'new:parameters', name: 'Validate query string parameters and headers', validateRequestBody: false, validateRequestParameters: true },
  { id: 'new:both', name: 'Validate body, query string parameters, and headers', validateRequestBody: true, validateRequestParameters: true },
];

/** Those that are there, then the standard ones that none of these equals. */
export function offeredValidators(there: readonly RequestValidator[]): RequestValidator[] {
  const like = (s: RequestValidator) => there.some((v) => !!v.validateRequestBody === s.validateRequestBody && !!v.validateRequestParameters === s.validateRequestParameters);
  return [...there, ...standardValidators.filter((s) => !like(s))];
}
