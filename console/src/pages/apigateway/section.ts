import { page, type Crumb, type NavItem, type Place, type Section } from '../../app/section';
import {
  apiKeyPath, apiKeysPath, clientCertificatesPath, domainNamePath, domainNamesPath, usagePlanPath, usagePlansPath, vpcLinksPath,
  apiDashboardPath, apiSettingsPath, apisPath, apiTagsPath, authorizersPath, createApiPath, documentationPath, gatewayResponsesPath, modelsPath,
  resourcePolicyPath, resourcesPath, settingsPath, stagePath, stagesPath,
} from './paths';

const apis: Crumb = { text: 'APIs', href: apisPath };
const domains: Crumb = { text: 'Custom domain names', href: domainNamesPath };
const plans: Crumb = { text: 'Usage plans', href: usagePlansPath };
const keys: Crumb = { text: 'API keys', href: apiKeysPath };

function api({ params: { apiId = '' } }: Place): Crumb[] {
  return [apis, { text: apiId, href: resourcesPath(apiId) }];
}

function stages(at: Place): Crumb[] {
  return [...api(at), { text: 'Stages', href: stagesPath(at.params.apiId ?? '') }];
}

function stage(at: Place): Crumb[] {
  const { apiId = '', stageName = '' } = at.params;
  return [...stages(at), { text: stageName, href: stagePath(apiId, stageName) }];
}

/** The parts of one API, as AWS orders them; the dashboard and the tags come last. */
const parts: { text: string; path: (apiId: string) => string; load: Parameters<typeof page>[2] }[] = [
  { text: 'Resources', path: (id) => resourcesPath(id), load: () => import('./resources/ResourcesPage') },
  { text: 'Stages', path: stagesPath, load: () => import('./stages/StagesPage') },
  { text: 'Authorizers', path: authorizersPath, load: () => import('./authorizers/AuthorizersPage') },
  { text: 'Gateway responses', path: gatewayResponsesPath, load: () => import('./responses/GatewayResponsesPage') },
  { text: 'Models', path: modelsPath, load: () => import('./models/ModelsPage') },
  { text: 'Resource policy', path: resourcePolicyPath, load: () => import('./policy/ResourcePolicyPage') },
  { text: 'Documentation', path: documentationPath, load: () => import('./documentation/DocumentationPage') },
  { text: 'API settings', path: apiSettingsPath, load: () => import('./ApiSettingsPage') },
  { text: 'Dashboard', path: apiDashboardPath, load: () => import('./DashboardPage') },
  { text: 'Tags', path: apiTagsPath, load: () => import('./TagsPage') },
];

function inside(pathname: string): { title: string; nav: NavItem[] } | undefined {
  const apiId = pathname.startsWith(`${apisPath}/`) ? pathname.split('/')[3] : undefined;
  return apiId ? { title: `API: ${apiId}`, nav: parts.map(({ text, path }) => ({ text, href: path(apiId) })) } : undefined;
}

export const apigateway: Section = {
  title: 'API Gateway',
  nav: [
    { text: 'APIs', href: apisPath, also: [createApiPath] },
    { text: 'Custom domain names', href: domainNamesPath },
    { text: 'VPC links', href: vpcLinksPath },
    { text: 'Usage plans', href: usagePlansPath },
    { text: 'API keys', href: apiKeysPath },
    { text: 'Client certificates', href: clientCertificatesPath },
    { text: 'Settings', href: settingsPath },
  ],
  inside,
  routes: [
    page(apisPath, () => [apis], () => import('./ApisPage')),
    page(createApiPath, () => [apis, { text: 'Create API', href: createApiPath }], () => import('./CreateApiPage')),
    ...parts.map(({ text, path, load }) => page(path(':apiId'), (at) => [...api(at), { text, href: path(at.params.apiId ?? '') }], load)),
    page(`${apisPath}/:apiId/stages/:stageName`, stage, () => import('./stages/StagePage')),
    page(domainNamesPath, () => [domains], () => import('./domains/DomainNamesPage')),
    page(`${domainNamesPath}/:name`, ({ params: { name = '' } }) => [domains, { text: name, href: domainNamePath(name) }], () => import('./domains/DomainNamePage')),
    page(vpcLinksPath, () => [{ text: 'VPC links', href: vpcLinksPath }], () => import('./links/VpcLinksPage')),
    page(usagePlansPath, () => [plans], () => import('./plans/UsagePlansPage')),
    page(`${usagePlansPath}/:planId`, ({ params: { planId = '' } }) => [plans, { text: planId, href: usagePlanPath(planId) }], () => import('./plans/UsagePlanPage')),
    page(apiKeysPath, () => [keys], () => import('./keys/ApiKeysPage')),
    page(`${apiKeysPath}/:keyId`, ({ params: { keyId = '' } }) => [keys, { text: keyId, href: apiKeyPath(keyId) }], () => import('./keys/ApiKeyPage')),
    page(clientCertificatesPath, () => [{ text: 'Client certificates', href: clientCertificatesPath }], () => import('./certificates/ClientCertificatesPage')),
    page(settingsPath, () => [{ text: 'Settings', href: settingsPath }], () => import('./SettingsPage')),
  ],
};
