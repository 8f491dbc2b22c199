// An integration as its form has it, and as API Gateway takes it.
import type { ContentHandlingStrategy, Integration, IntegrationType, PatchOperation, PutIntegrationRequest } from '@aws-sdk/client-api-gateway';
import { mapOf, rowsBelow, rowsOf, type Row } from '../../../components/rows';
import { functionOf, lambdaURI } from '../lambda';
import { mapPatch, valuePatch } from '../patch';

/** As AWS' console has them; HTTP and VPC are one type, by different ways to the endpoint. */
export type Kind = 'LAMBDA' | 'HTTP' | 'MOCK' | 'AWS' | 'VPC';

export interface IntegrationDraft {
  kind: Kind;
  /** The request goes to the endpoint as it is, and its answer comes back as it is; for LAMBDA, HTTP and VPC. */
  proxy: boolean;
  /** Name or ARN of the function, for LAMBDA. */
  lambda: string;
  /** The endpoint's URL, or an ARN of API Gateway's for AWS. */
  uri: string;
  httpMethod: string;
  /** ID of a VPC link, for VPC. */
  link: string;
  /** ARN of a role; empty for none. */
  credentials: string;
  /** In milliseconds. */
  timeout: string;
  passthrough: string;
  /** Empty for passthrough. */
  contentHandling: string;
  path: Row<string>[];
  query: Row<string>[];
  headers: Row<string>[];
  templates: Row<string>[];
  /** Certificates of the endpoint are not verified. */
  insecure: boolean;
}

export const places = { path: 'integration.request.path.', query: 'integration.request.querystring.', headers: 'integration.request.header.' };

export function typeOf({ kind, proxy }: Pick<IntegrationDraft, 'kind' | 'proxy'>): IntegrationType {
  switch (kind) {
    case 'LAMBDA':
      return proxy ? 'AWS_PROXY' : 'AWS';
    case 'HTTP':
    case 'VPC':
      return proxy ? 'HTTP_PROXY' : 'HTTP';
    case 'AWS':
    case 'MOCK':
      return kind;
  }
}

function kindOf(i: Integration): Kind {
  if (i.type === 'MOCK') {
    return 'MOCK';
  }
  if (i.type?.startsWith('HTTP')) {
    return i.connectionType === 'VPC_LINK' ? 'VPC' : 'HTTP';
  }
  return functionOf(i.uri) ? 'LAMBDA' : 'AWS';
}

export function draftOf(i: Integration, httpMethod: string): IntegrationDraft {
  return {
    kind: kindOf(i),
    proxy: !!i.type?.endsWith('_PROXY'),
    lambda: functionOf(i.uri) ?? '',
    uri: i.uri ?? '',
    httpMethod: i.httpMethod ?? httpMethod,
    link: i.connectionType === 'VPC_LINK' ? (i.connectionId ?? '') : '',
    credentials: i.credentials ?? '',
    timeout: String(i.timeoutInMillis ?? 29_000),
    passthrough: i.passthroughBehavior ?? 'WHEN_NO_MATCH',
    contentHandling: i.contentHandling ?? '',
    path: rowsBelow(i.requestParameters, places.path),
    query: rowsBelow(i.requestParameters, places.query),
    headers: rowsBelow(i.requestParameters, places.headers),
    templates: rowsOf(i.requestTemplates),
    insecure: !!i.tlsConfig?.insecureSkipVerification,
  };
}

export type IntegrationWire = Omit<PutIntegrationRequest, 'restApiId' | 'resourceId' | 'httpMethod'>;

/** What of the draft its type has. */
export function wireOf(d: IntegrationDraft, at: Parameters<typeof lambdaURI>[1]): IntegrationWire {
  const link = d.kind === 'VPC';
  const http = link || d.kind === 'HTTP';
  const requestParameters = { ...mapOf(d.path, places.path), ...mapOf(d.query, places.query), ...mapOf(d.headers, places.headers) };
  return {
    type: typeOf(d),
    uri: d.kind === 'MOCK' ? undefined : d.kind === 'LAMBDA' ? lambdaURI(d.lambda.trim(), at) : d.uri.trim(),
    integrationHttpMethod: d.kind === 'MOCK' ? undefined : d.kind === 'LAMBDA' ? 'POST' : d.httpMethod,
    connectionType: http ? (link ? 'VPC_LINK' : 'INTERNET') : undefined,
    connectionId: link ? d.link : undefined,
    credentials: http || d.kind === 'MOCK' ? undefined : d.credentials.trim() || undefined,
    timeoutInMillis: Number(d.timeout),
    passthroughBehavior: d.passthrough,
    contentHandling: (d.contentHandling || undefined) as ContentHandlingStrategy | undefined,
    requestParameters: d.kind === 'MOCK' ? {} : requestParameters,
    requestTemplates: mapOf(d.templates),
    tlsConfig: http && d.insecure ? { insecureSkipVerification: true } : undefined,
  };
}

/** The changes that make an integration what wire says; its type cannot change so. */
export function changesOf(was: Integration, is: IntegrationWire): PatchOperation[] {
  return [
    ...valuePatch('/uri', was.uri, is.uri),
    ...valuePatch('/httpMethod', was.httpMethod, is.integrationHttpMethod),
    ...valuePatch('/connectionType', was.connectionType, is.connectionType),
    ...valuePatch('/connectionId', was.connectionId, is.connectionId),
    ...valuePatch('/credentials', was.credentials, is.credentials),
    ...valuePatch('/timeoutInMillis', was.timeoutInMillis ?? 29_000, is.timeoutInMillis),
    ...valuePatch('/passthroughBehavior', was.passthroughBehavior, is.passthroughBehavior),
    ...valuePatch('/contentHandling', was.contentHandling, is.contentHandling),
    ...mapPatch('/requestParameters', was.requestParameters, is.requestParameters),
    ...mapPatch('/requestTemplates', was.requestTemplates, is.requestTemplates),
    ...valuePatch('/tlsConfig/insecureSkipVerification', !!was.tlsConfig?.insecureSkipVerification, !!is.tlsConfig?.insecureSkipVerification),
  ];
}

/** Whether the draft names its endpoint. */
export function complete(d: IntegrationDraft): boolean {
  return d.kind === 'MOCK' || ((d.kind === 'LAMBDA' ? d.lambda : d.uri).trim() !== '' && (d.kind !== 'VPC' || d.link !== ''));
}
