// Addresses of the API Gateway pages.

export const apisPath = '/apigateway/apis';
export const createApiPath = '/apigateway/create';
export const settingsPath = '/apigateway/settings';

export function resourcesPath(apiId: string, resource?: string, method?: string, tab?: string): string {
  const query = new URLSearchParams({ ...(resource && { resource }), ...(method && { method }), ...(tab && { tab }) }).toString();
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

export function authorizersPath(apiId: string): string {
  return `${apisPath}/${apiId}/authorizers`;
}

export function gatewayResponsesPath(apiId: string): string {
  return `${apisPath}/${apiId}/gateway-responses`;
}

export function modelsPath(apiId: string): string {
  return `${apisPath}/${apiId}/models`;
}

export function resourcePolicyPath(apiId: string): string {
  return `${apisPath}/${apiId}/resource-policy`;
}

export function documentationPath(apiId: string): string {
  return `${apisPath}/${apiId}/documentation`;
}

export function apiSettingsPath(apiId: string): string {
  return `${apisPath}/${apiId}/settings`;
}

export function stagePath(apiId: string, stageName: string, tab?: string): string {
  return `${stagesPath(apiId)}/${stageName}${tab ? `?tab=${tab}` : ''}`;
}

export const apiKeysPath = '/apigateway/keys';
export const usagePlansPath = '/apigateway/usage-plans';
export const domainNamesPath = '/apigateway/domains';
export const vpcLinksPath = '/apigateway/vpc-links';
export const clientCertificatesPath = '/apigateway/client-certificates';

export function apiKeyPath(id: string): string {
  return `${apiKeysPath}/${id}`;
}

export function usagePlanPath(id: string, tab?: string): string {
  return `${usagePlansPath}/${id}${tab ? `?tab=${tab}` : ''}`;
}

export function domainNamePath(name: string): string {
  return `${domainNamesPath}/${name}`;
}
