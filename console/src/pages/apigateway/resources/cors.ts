// What makes a resource answer browsers on pages of other origins: an OPTIONS method with a fixed answer, and headers on
// the answers of its methods and of the gateway itself.
import {
  DeleteMethodCommand, GetGatewayResponseCommand, PutIntegrationCommand, PutIntegrationResponseCommand, PutMethodCommand, PutMethodResponseCommand,
  UpdateGatewayResponseCommand, UpdateIntegrationResponseCommand, UpdateMethodResponseCommand,
  type GatewayResponseType, type Method, type PatchOperation, type Resource,
} from '@aws-sdk/client-api-gateway';
import { apigateway } from '../../../aws/apigateway';
import { mapPatch } from '../patch';
import type { Step } from '../steps';

export interface CorsDraft {
  /** Methods that pages of other origins may use. */
  methods: string[];
  origin: string;
  allowHeaders: string;
  exposeHeaders: string;
  /** In seconds; empty for the browser's default. */
  maxAge: string;
  credentials: boolean;
  gatewayResponses: GatewayResponseType[];
}

export const defaultCors: Omit<CorsDraft, 'methods'> = {
  origin: '*', allowHeaders: 'Content-Type,X-Amz-Date,Authorization,X-Api-Key,X-Amz-Security-Token', exposeHeaders: '', maxAge: '', credentials: false,
  gatewayResponses: [],
};

const quoted = (value: string) => `'${value}'`;

/** Headers, with values as mappings have them, of the answer to a preflight request. */
export function preflightHeaders(d: CorsDraft): Record<string, string> {
  const methods = [...new Set([...d.methods.flatMap((m) => (m === 'ANY' ? ['DELETE', 'GET', 'HEAD', 'PATCH', 'POST', 'PUT'] : [m])), 'OPTIONS'])].sort();
  return {
    'Access-Control-Allow-Headers': quoted(d.allowHeaders.trim()),
    'Access-Control-Allow-Methods': quoted(methods.join(',')),
    ...answerHeaders({ ...d, exposeHeaders: '' }),
    ...(d.maxAge && { 'Access-Control-Max-Age': quoted(d.maxAge) }),
  };
}

/** Headers of the answers themselves. */
export function answerHeaders(d: CorsDraft): Record<string, string> {
  return {
    'Access-Control-Allow-Origin': quoted(d.origin.trim()),
    ...(d.exposeHeaders.trim() && { 'Access-Control-Expose-Headers': quoted(d.exposeHeaders.trim()) }),
    ...(d.credentials && { 'Access-Control-Allow-Credentials': quoted('true') }),
  };
}

/** Why browsers would not take such answers; undefined where they would. */
export function corsProblem(d: CorsDraft): string | undefined {
  if (!d.origin.trim()) {
    return 'An origin is needed; * for any.';
  }
  if (d.credentials && d.origin.trim() === '*') {
    return 'Browsers refuse credentials together with the origin *: name the origin.';
  }
  return undefined;
}

const proxies = (m: Method | undefined) => !!m?.methodIntegration?.type?.endsWith('_PROXY');

/** Chosen methods whose endpoint has to send the headers itself, since its answer is passed on as it is. */
export function leftToEndpoint(resource: Resource, methods: readonly string[]): string[] {
  return methods.filter((name) => proxies(resource.resourceMethods?.[name]));
}

export function corsSteps(restApiId: string, resource: Resource, d: CorsDraft): Step[] {
  const there = resource.resourceMethods ?? {};
  const at = { restApiId, resourceId: resource.id };
  const steps: Step[] = [];
  if (there.OPTIONS) {
    steps.push({ what: 'Remove the present OPTIONS method', do: async () => void (await apigateway().send(new DeleteMethodCommand({ ...at, httpMethod: 'OPTIONS' }))) });
  }
  steps.push({ what: 'Create method OPTIONS with a fixed answer', do: () => putOptions({ ...at, httpMethod: 'OPTIONS' }, preflightHeaders(d)) });
  for (const name of d.methods.filter((m) => m !== 'OPTIONS' && there[m] && !proxies(there[m]))) {
    steps.push({ what: `Add the headers to the answers of ${name}`, do: () => addHeaders({ ...at, httpMethod: name }, there[name]!, answerHeaders(d)) });
  }
  for (const responseType of d.gatewayResponses) {
    steps.push({ what: `Add the headers to gateway response ${responseType}`, do: () => addToGatewayResponse(restApiId, responseType, answerHeaders(d)) });
  }
  return steps;
}

interface At {
  restApiId: string;
  resourceId: string | undefined;
  httpMethod: string;
}

const declared = 'method.response.header.';

function prefixed<V>(headers: Record<string, V>, prefix: string): Record<string, V> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [prefix + name, value]));
}

async function putOptions(at: At, headers: Record<string, string>): Promise<void> {
  const mapped = prefixed(headers, declared);
  await apigateway().send(new PutMethodCommand({ ...at, authorizationType: 'NONE' }));
  await apigateway().send(
    new PutMethodResponseCommand({ ...at, statusCode: '200', responseModels: {}, responseParameters: Object.fromEntries(Object.keys(mapped).map((name) => [name, false])) }),
  );
  await apigateway().send(new PutIntegrationCommand({ ...at, type: 'MOCK', requestTemplates: { 'application/json': '{"statusCode": 200}' } }));
  await apigateway().send(new PutIntegrationResponseCommand({ ...at, statusCode: '200', responseParameters: mapped, responseTemplates: { 'application/json': '' } }));
}

/** Operations that put headers into a map of response parameters; what is there besides stays. */
export function headerPatch(was: Record<string, unknown> | undefined, headers: Record<string, unknown>): PatchOperation[] {
  return mapPatch('/responseParameters', was, { ...was, ...headers });
}

async function addHeaders(at: At, method: Method, headers: Record<string, string>): Promise<void> {
  for (const response of Object.values(method.methodIntegration?.integrationResponses ?? {})) {
    const { statusCode } = response;
    const stated = method.methodResponses?.[statusCode!]?.responseParameters;
    const missing = Object.keys(headers).filter((name) => !(declared + name in (stated ?? {})));
    const states = headerPatch(stated, Object.fromEntries(missing.map((name) => [declared + name, false])));
    if (states.length > 0) {
      await apigateway().send(new UpdateMethodResponseCommand({ ...at, statusCode, patchOperations: states }));
    }
    const maps = headerPatch(response.responseParameters, prefixed(headers, declared));
    if (maps.length > 0) {
      await apigateway().send(new UpdateIntegrationResponseCommand({ ...at, statusCode, patchOperations: maps }));
    }
  }
}

async function addToGatewayResponse(restApiId: string, responseType: GatewayResponseType, headers: Record<string, string>): Promise<void> {
  const present = await apigateway().send(new GetGatewayResponseCommand({ restApiId, responseType }));
  const patchOperations = headerPatch(present.responseParameters, prefixed(headers, 'gatewayresponse.header.'));
  if (patchOperations.length > 0) {
    await apigateway().send(new UpdateGatewayResponseCommand({ restApiId, responseType, patchOperations }));
  }
}
