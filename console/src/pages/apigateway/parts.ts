// What belongs to one API and is listed whole: a few dozen of each at most.
import {
  GetAuthorizersCommand, GetGatewayResponsesCommand, GetModelsCommand, GetRequestValidatorsCommand,
  type Authorizer, type GatewayResponse, type Model, type RequestValidator,
} from '@aws-sdk/client-api-gateway';
import { apigateway } from '../../aws/apigateway';

async function whole<T>(page: (position: string | undefined) => Promise<{ items?: T[]; position?: string }>): Promise<T[]> {
  const found: T[] = [];
  let position: string | undefined;
  do {
    const answer = await page(position);
    found.push(...(answer.items ?? []));
    ({ position } = answer);
  } while (position);
  return found;
}

const limit = 500;

export async function listModels(restApiId: string, abortSignal?: AbortSignal): Promise<Model[]> {
  const models = await whole((position) => apigateway().send(new GetModelsCommand({ restApiId, limit, position }), { abortSignal }));
  return models.sort((a, b) => (a.name ?? '').localeCompare(b.name ?? ''));
}

export async function listAuthorizers(restApiId: string, abortSignal?: AbortSignal): Promise<Authorizer[]> {
  const authorizers = await whole((position) => apigateway().send(new GetAuthorizersCommand({ restApiId, limit, position }), { abortSignal }));
  return authorizers.sort((a, b) => (a.name ?? '').localeCompare(b.name ?? ''));
}

export function listValidators(restApiId: string, abortSignal?: AbortSignal): Promise<RequestValidator[]> {
  return whole((position) => apigateway().send(new GetRequestValidatorsCommand({ restApiId, limit, position }), { abortSignal }));
}

export function listGatewayResponses(restApiId: string, abortSignal?: AbortSignal): Promise<GatewayResponse[]> {
  return whole((position) => apigateway().send(new GetGatewayResponsesCommand({ restApiId, limit, position }), { abortSignal }));
}
