// The methods that a stage serves, which are those of its deployment and not those of the API as it is edited.
import { GetDeploymentCommand, GetStagesCommand, type Stage } from '@aws-sdk/client-api-gateway';
import { apigateway } from '../../aws/apigateway';
import { pointer } from './patch';

export interface DeployedMethod {
  path: string;
  httpMethod: string;
  apiKeyRequired: boolean;
}

/** By path, then by method. */
export async function deployedMethods(restApiId: string, deploymentId: string | undefined, abortSignal?: AbortSignal): Promise<DeployedMethod[]> {
  if (!deploymentId) {
    return [];
  }
  const { apiSummary = {} } = await apigateway().send(new GetDeploymentCommand({ restApiId, deploymentId, embed: ['apisummary'] }), { abortSignal });
  return Object.entries(apiSummary)
    .flatMap(([path, methods]) => Object.entries(methods).map(([httpMethod, m]) => ({ path, httpMethod, apiKeyRequired: m.apiKeyRequired ?? false })))
    .sort((a, b) => a.path.localeCompare(b.path) || a.httpMethod.localeCompare(b.httpMethod));
}

export async function listStages(restApiId: string, abortSignal?: AbortSignal): Promise<Stage[]> {
  return (await apigateway().send(new GetStagesCommand({ restApiId }), { abortSignal })).item ?? [];
}

/**
 * The one form of the ways to write a method's place ("/a/b/GET", "a/b/GET", "~1a~1b/GET"), which settings of stages and
 * throttles of usage plans are kept by: "a/b/GET", "/GET" for the root, and "*" + "/*" for all methods.
 */
export function canonicalKey(key: string): string {
  const plain = key.replaceAll('~1', '/').replaceAll('~0', '~');
  const slash = plain.lastIndexOf('/');
  return `${plain.slice(0, Math.max(slash, 0)).replace(/^\/+|\/+$/g, '')}/${plain.slice(slash + 1)}`;
}

/** A method's place as patch operations name it: "~1a~1b/GET". */
export function patchKey(path: string, httpMethod: string): string {
  return `${pointer(path)}/${httpMethod}`;
}
