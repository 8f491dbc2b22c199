// A method and its integration are made by up to four calls; here they are one.
import {
  DeleteMethodCommand,
  PutIntegrationCommand,
  PutIntegrationResponseCommand,
  PutMethodCommand,
  PutMethodResponseCommand,
} from '@aws-sdk/client-api-gateway';
import { apigateway } from '../../../aws/apigateway';
import type { IntegrationWire } from './integration';

export type NewMethod =
  | { httpMethod: string; type: 'MOCK'; status: string; answer: string }
  | { httpMethod: string; type: 'endpoint'; integration: IntegrationWire };

export const httpMethods = ['ANY', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'];

/** Creates a method with its integration. Where a later call fails the method is taken back, so that it can be tried again. */
export async function putMethod(restApiId: string, resource: { id: string; path: string }, m: NewMethod): Promise<void> {
  const at = { restApiId, resourceId: resource.id, httpMethod: m.httpMethod };
  const passed = m.type === 'endpoint' && m.integration.type?.startsWith('HTTP') ? passedOn(resource.path, m.integration.uri ?? '') : [];
  await apigateway().send(
    new PutMethodCommand({
      ...at,
      authorizationType: 'NONE',
      requestParameters: passed.length ? Object.fromEntries(passed.map((name) => [`method.request.path.${name}`, true])) : undefined,
    }),
  );
  try {
    await (m.type === 'MOCK' ? mock(at, m.status, m.answer) : endpoint(at, m.integration, passed));
  } catch (error) {
    await apigateway().send(new DeleteMethodCommand(at)).catch(() => undefined); // the first error says more
    throw error;
  }
}

interface At {
  restApiId: string;
  resourceId: string;
  httpMethod: string;
}

async function mock(at: At, statusCode: string, answer: string): Promise<void> {
  const json = 'application/json';
  await apigateway().send(new PutMethodResponseCommand({ ...at, statusCode }));
  await apigateway().send(new PutIntegrationCommand({ ...at, type: 'MOCK', requestTemplates: { [json]: `{"statusCode": ${statusCode}}` } }));
  await apigateway().send(new PutIntegrationResponseCommand({ ...at, statusCode, responseTemplates: { [json]: answer } }));
}

/** Without a proxy the answer is mapped: to begin with, every one to status 200. */
async function endpoint(at: At, integration: IntegrationWire, passed: string[]): Promise<void> {
  const mapped = !integration.type?.endsWith('_PROXY');
  if (mapped) {
    await apigateway().send(new PutMethodResponseCommand({ ...at, statusCode: '200' }));
  }
  await apigateway().send(new PutIntegrationCommand({ ...at, ...integration, requestParameters: { ...integration.requestParameters, ...mappings(passed) } }));
  if (mapped) {
    await apigateway().send(new PutIntegrationResponseCommand({ ...at, statusCode: '200' }));
  }
}

function mappings(names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [`integration.request.path.${name}`, `method.request.path.${name}`]));
}

/** The path parameters of a resource that an endpoint's URL asks for by name: {id} or {proxy}. */
export function passedOn(resourcePath: string, uri: string): string[] {
  const names = [...resourcePath.matchAll(/\{([^{}+]+)\+?\}/g)].map((m) => m[1]!);
  return names.filter((name) => uri.includes(`{${name}}`));
}
