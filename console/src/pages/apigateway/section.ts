import { page, type Crumb, type Place, type Section } from '../../app/section';
import { apiDashboardPath, apisPath, apiTagsPath, createApiPath, resourcesPath, settingsPath, stagePath, stagesPath } from './paths';

const apis: Crumb = { text: 'APIs', href: apisPath };

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

export const apigateway: Section = {
  title: 'API Gateway',
  nav: [
    { text: 'APIs', href: apisPath, also: [createApiPath] },
    { text: 'Settings', href: settingsPath },
  ],
  routes: [
    page(apisPath, () => [apis], () => import('./ApisPage')),
    page(createApiPath, () => [apis, { text: 'Create API', href: createApiPath }], () => import('./CreateApiPage')),
    page(`${apisPath}/:apiId/resources`, (at) => [...api(at), { text: 'Resources', href: resourcesPath(at.params.apiId ?? '') }], () => import('./resources/ResourcesPage')),
    page(`${apisPath}/:apiId/dashboard`, (at) => [...api(at), { text: 'Dashboard', href: apiDashboardPath(at.params.apiId ?? '') }], () => import('./DashboardPage')),
    page(`${apisPath}/:apiId/tags`, (at) => [...api(at), { text: 'Tags', href: apiTagsPath(at.params.apiId ?? '') }], () => import('./TagsPage')),
    page(`${apisPath}/:apiId/stages`, stages, () => import('./stages/StagesPage')),
    page(`${apisPath}/:apiId/stages/:stageName`, stage, () => import('./stages/StagePage')),
    page(settingsPath, () => [{ text: 'Settings', href: settingsPath }], () => import('./SettingsPage')),
  ],
};
