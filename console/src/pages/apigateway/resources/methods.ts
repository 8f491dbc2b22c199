// A method and its integration are made by up to four calls; here they are one.
import {
  DeleteMethodCommand,
  PutIntegrationCommand,
  PutIntegrationResponseCommand,
  PutMethodCommand,
  PutMethodResponseCommand,
} from '@aws-sdk/client-api-gateway';
import { apigateway } from '../../../aws/apigateway';

export type NewMethod =
  | { httpMethod: string; type: 'HTTP_PROXY' | 'HTTP'; uri: string; integrationMethod: string }
  | { httpMethod: string; type: 'AWS_PROXY'; uri: string }
  | { httpMethod: string; type: 'MOCK'; status: string; answer: string };

export const httpMethods = ['ANY', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'];

/** Creates a method with its integration. Where a later call fails the method is taken back, so that it can be tried again. */
export async function putMethod(restApiId: string, resource: { id: string; path: string }, m: NewMethod): Promise<void> {
  const at = { restApiId, resourceId: resource.id, httpMethod: m.httpMethod };
  const passed = m.type === 'HTTP' || m.type === 'HTTP_PROXY' ? passedOn(resource.path, m.uri) : [];
  await apigateway().send(
    new PutMethodCommand({
      ...at,
      authorizationType: 'NONE',
      requestParameters: passed.length ? Object.fromEntries(passed.map((name) => [`method.request.path.${name}`, true])) : undefined,
    }),
  );
  try {
    await integrate(at, m, passed);
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

async function integrate(at: At, m: NewMethod, passed: string[]): Promise<void> {
  switch (m.type) {
    case 'MOCK':
      return mock(at, m.status, m.answer);
    case 'AWS_PROXY':
      return void (await apigateway().send(new PutIntegrationCommand({ ...at, type: m.type, uri: m.uri, integrationHttpMethod: 'POST' })));
    case 'HTTP':
    case 'HTTP_PROXY':
      return http(at, m, passed);
  }
}

async function mock(at: At, statusCode: string, answer: string): Promise<void> {
  const json = 'application/json';
  await apigateway().send(new PutMethodResponseCommand({ ...at, statusCode }));
  await apigateway().send(new PutIntegrationCommand({ ...at, type: 'MOCK', requestTemplates: { [json]: `{"statusCode": ${statusCode}}` } }));
  await apigateway().send(new PutIntegrationResponseCommand({ ...at, statusCode, responseTemplates: { [json]: answer } }));
}

async function http(at: At, m: Extract<NewMethod, { integrationMethod: string }>, passed: string[]): Promise<void> {
  if (m.type === 'HTTP') {
    await apigateway().send(new PutMethodResponseCommand({ ...at, statusCode: '200' }));
  }
  await apigateway().send(
    new PutIntegrationCommand({
      ...at,
      type: m.type,
      uri: m.uri,
      integrationHttpMethod: m.integrationMethod,
      requestParameters: passed.length ? mappings(passed) : undefined,
    }),
  );
  if (m.type === 'HTTP') {
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
