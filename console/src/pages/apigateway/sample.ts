// The sample API: notes with fixed answers. `tollbook serve --sample` makes the same one.
import { CreateDeploymentCommand, CreateResourceCommand, CreateRestApiCommand } from '@aws-sdk/client-api-gateway';
import { apigateway } from '../../aws/apigateway';
import { predefined } from './accesslog/predefined';
import { enableSteps } from './oneclick/enable';
import { survey } from './oneclick/found';
import { putMethod } from './resources/methods';
import type { Step } from './steps';

export const sampleName = 'notes';
export const sampleDescription = 'A sample: notes with fixed answers';
export const sampleStage = 'prod';

const methods = [
  { path: '/notes', httpMethod: 'GET', status: '200', answer: '[{"id":"1","text":"Buy milk"},{"id":"2","text":"Call Ada"}]' },
  { path: '/notes', httpMethod: 'POST', status: '201', answer: '{"id":"3"}' },
  { path: '/notes/{id}', httpMethod: 'GET', status: '200', answer: '{"id":"1","text":"Buy milk"}' },
  { path: '/notes/{id}', httpMethod: 'DELETE', status: '204', answer: '' },
] as const;

/** The sample as it is made: its ID is there once the first step is done. */
export interface Sample {
  apiId: string;
  steps: Step[];
}

/** @param accountId who makes it, for the log group's ARN */
export function sampleSteps(name: string, description: string, withLogs: boolean, at: { region: string; accountId: string }): Sample {
  const resources: Record<string, { id: string; path: string }> = {};
  const made: Sample = { apiId: '', steps: [] };
  const resource = async (path: string, parent: string, pathPart: string) => {
    const { id = '' } = await apigateway().send(new CreateResourceCommand({ restApiId: made.apiId, parentId: resources[parent]!.id, pathPart }));
    resources[path] = { id, path };
  };
  made.steps = [
    {
      what: `Create API ${name}`,
      do: async () => {
        const api = await apigateway().send(new CreateRestApiCommand({ name, description: description || undefined }));
        made.apiId = api.id ?? '';
        resources['/'] = { id: api.rootResourceId ?? '', path: '/' };
      },
    },
    { what: 'Create resource /notes', do: () => resource('/notes', '/', 'notes') },
    { what: 'Create resource /notes/{id}', do: () => resource('/notes/{id}', '/notes', '{id}') },
    ...methods.map((m) => ({
      what: `Create method ${m.httpMethod} ${m.path} with a fixed answer`,
      do: () => putMethod(made.apiId, resources[m.path]!, { ...m, type: 'MOCK' }),
    })),
    {
      what: `Deploy to stage ${sampleStage}`,
      do: async () => void (await apigateway().send(new CreateDeploymentCommand({ restApiId: made.apiId, stageName: sampleStage }))),
    },
  ];
  if (withLogs) {
    made.steps.push({
      what: 'Turn on access logs',
      do: async () => {
        const found = await survey({ ...at, apiId: made.apiId, stageName: sampleStage });
        for (const step of enableSteps(found, predefined.JSON)) {
          await step.do();
        }
      },
    });
  }
  return made;
}
