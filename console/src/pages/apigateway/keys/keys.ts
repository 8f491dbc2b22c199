// What the pages ask of API keys.
import {
  CreateUsagePlanKeyCommand, GetApiKeyCommand, paginateGetApiKeys, paginateGetUsagePlanKeys, paginateGetUsagePlans, UpdateApiKeyCommand,
  type ApiKey, type PatchOperation, type UsagePlan, type UsagePlanKey,
} from '@aws-sdk/client-api-gateway';
import { apigateway } from '../../../aws/apigateway';
import { itemsOf } from '../../../aws/pages';

/** The keys whose names begin with a text, the newest first; their values are not among what is answered. */
export function listKeys(nameQuery: string, abortSignal?: AbortSignal): Promise<ApiKey[]> {
  return itemsOf(paginateGetApiKeys({ client: apigateway() }, { nameQuery: nameQuery || undefined, limit: 500 }, { abortSignal }));
}

/** All usage plans, or those that a key is in. */
export function listPlans(keyId?: string, abortSignal?: AbortSignal): Promise<UsagePlan[]> {
  return itemsOf(paginateGetUsagePlans({ client: apigateway() }, { keyId, limit: 500 }, { abortSignal }));
}

/** The keys that a plan holds. */
export function listPlanKeys(usagePlanId: string, abortSignal?: AbortSignal): Promise<UsagePlanKey[]> {
  return itemsOf(paginateGetUsagePlanKeys({ client: apigateway() }, { usagePlanId, limit: 500 }, { abortSignal }));
}

export async function valueOf(apiKey: string): Promise<string> {
  const { value = '' } = await apigateway().send(new GetApiKeyCommand({ apiKey, includeValue: true }));
  return value;
}

export async function patchKey(apiKey: string, ...patchOperations: PatchOperation[]): Promise<void> {
  await apigateway().send(new UpdateApiKeyCommand({ apiKey, patchOperations }));
}

export async function joinPlan(usagePlanId: string, keyId: string): Promise<void> {
  await apigateway().send(new CreateUsagePlanKeyCommand({ usagePlanId, keyId, keyType: 'API_KEY' }));
}
