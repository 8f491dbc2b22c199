// What the pages ask of API Gateway, in more than one call each.
import { paginateGetResources, paginateGetRestApis, type Resource, type RestApi } from '@aws-sdk/client-api-gateway';
import { apigateway } from '../../aws/apigateway';

export async function listApis(abortSignal?: AbortSignal): Promise<RestApi[]> {
  const apis: RestApi[] = [];
  for await (const page of paginateGetRestApis({ client: apigateway() }, { limit: 500 }, { abortSignal })) {
    apis.push(...(page.items ?? []));
  }
  return apis;
}

/** The resources of an API with their methods in full, sorted by path. */
export async function listResources(restApiId: string, abortSignal?: AbortSignal): Promise<Resource[]> {
  const resources: Resource[] = [];
  for await (const page of paginateGetResources({ client: apigateway() }, { restApiId, limit: 500, embed: ['methods'] }, { abortSignal })) {
    resources.push(...(page.items ?? []));
  }
  return resources.sort((a, b) => (a.path ?? '').localeCompare(b.path ?? ''));
}
