// Addresses of the API Gateway pages.

export const apisPath = '/apigateway/apis';
export const createApiPath = '/apigateway/create';
export const settingsPath = '/apigateway/settings';

export function resourcesPath(apiId: string, resource?: string, method?: string): string {
  const query = new URLSearchParams({ ...(resource && { resource }), ...(method && { method }) }).toString();
  return `${apisPath}/${apiId}/resources${query && `?${query}`}`;
}

export function stagesPath(apiId: string): string {
  return `${apisPath}/${apiId}/stages`;
}

export function apiDashboardPath(apiId: string): string {
  return `${apisPath}/${apiId}/dashboard`;
}

export function apiTagsPath(apiId: string): string {
  return `${apisPath}/${apiId}/tags`;
}

export function stagePath(apiId: string, stageName: string, tab?: string): string {
  return `${stagesPath(apiId)}/${stageName}${tab ? `?tab=${tab}` : ''}`;
}
