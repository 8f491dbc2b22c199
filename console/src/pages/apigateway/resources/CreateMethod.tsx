import type { Resource } from '@aws-sdk/client-api-gateway';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import Tiles from '@cloudscape-design/components/tiles';
import { useState } from 'react';
import { accountId } from '../../../aws/account';
import { getSession } from '../../../aws/session';
import { FormModal } from '../../../components/FormModal';
import { lambdaURI } from '../lambda';
import { httpMethods, passedOn, putMethod, type NewMethod } from './methods';

const types = [
  { value: 'AWS_PROXY', label: 'Lambda function', description: 'A function gets the request as an event and answers it.' },
  { value: 'HTTP_PROXY', label: 'HTTP proxy', description: 'The request goes to an HTTP endpoint as it is, and its answer comes back as it is.' },
  { value: 'HTTP', label: 'HTTP', description: 'An HTTP endpoint, with request and response mapped between.' },
  { value: 'MOCK', label: 'Mock', description: 'A fixed answer without any endpoint.' },
];

interface Props {
  apiId: string;
  resource: Resource;
  onClose: () => void;
  onDone: (httpMethod: string) => Promise<void>;
}

export function CreateMethod({ apiId, resource, onClose, onDone }: Props) {
  const there = resource.resourceMethods ?? {};
  const [httpMethod, setHttpMethod] = useState(['GET', ...httpMethods].find((name) => !(name in there)) ?? 'GET');
  const [type, setType] = useState<NewMethod['type']>('HTTP_PROXY');
  const [uri, setUri] = useState('');
  const [integrationMethod, setIntegrationMethod] = useState<string>();
  const [status, setStatus] = useState('200');
  const [answer, setAnswer] = useState('{"hello":"world"}');
  const [lambda, setLambda] = useState('');
  const create = async () => {
    await putMethod(apiId, { id: resource.id!, path: resource.path! }, await newMethod());
    await onDone(httpMethod);
  };
  const newMethod = async (): Promise<NewMethod> => {
    switch (type) {
      case 'MOCK':
        return { httpMethod, type, status, answer };
      case 'AWS_PROXY':
        return { httpMethod, type, uri: lambdaURI(lambda.trim(), { region: getSession().region, accountId: await accountId() }) };
      case 'HTTP':
      case 'HTTP_PROXY':
        return { httpMethod, type, uri, integrationMethod: integrationMethod ?? httpMethod };
    }
  };
  const named = type === 'MOCK' || (type === 'AWS_PROXY' ? lambda.trim() : uri) !== '';
  const passed = passedOn(resource.path!, uri);
  return (
    <FormModal title={`Create method of ${resource.path}`} submitText="Create method" size="large" incomplete={!named} onSubmit={create} onClose={onClose}>
      <FormField label="Method type">
        <Select
          ariaLabel="Method type"
          selectedOption={{ value: httpMethod }}
          options={httpMethods.map((value) => ({ value, disabled: value in there, description: value in there ? 'There already' : undefined }))}
          onChange={(e) => setHttpMethod(e.detail.selectedOption.value!)}
        />
      </FormField>
      <FormField label="Integration type" stretch>
        <Tiles ariaLabel="Integration type" columns={4} value={type} items={types} onChange={(e) => setType(e.detail.value as NewMethod['type'])} />
      </FormField>
      {type === 'AWS_PROXY' && (
        <FormField label="Lambda function" description="Its name or ARN; may hold ${stageVariables.name}." constraintText="The server calls it where --lambda or --lambda-endpoint says." stretch>
          <Input value={lambda} onChange={(e) => setLambda(e.detail.value)} placeholder="my-function" spellcheck={false} />
        </FormField>
      )}
      {type === 'MOCK' && (
        <SpaceBetween size="m">
          <FormField label="Status code">
            <Input value={status} onChange={(e) => setStatus(e.detail.value)} inputMode="numeric" />
          </FormField>
          <FormField label="Response body" stretch>
            <Textarea value={answer} onChange={(e) => setAnswer(e.detail.value)} rows={4} spellcheck={false} />
          </FormField>
        </SpaceBetween>
      )}
      {type.startsWith('HTTP') && (
        <SpaceBetween size="m">
          <FormField label="HTTP method" description="What the endpoint is called with.">
            <Select
              ariaLabel="HTTP method"
              selectedOption={{ value: integrationMethod ?? httpMethod }}
              options={httpMethods.map((value) => ({ value }))}
              onChange={(e) => setIntegrationMethod(e.detail.selectedOption.value)}
            />
          </FormField>
          <FormField
            label="Endpoint URL"
            stretch
            constraintText={passed.length > 0 ? `Passed on from the path: ${passed.join(', ')}.` : 'May hold path parameters of the resource by name, such as {id}.'}
          >
            <Input value={uri} onChange={(e) => setUri(e.detail.value.trim())} placeholder="http://127.0.0.1:3000/notes" spellcheck={false} inputMode="url" />
          </FormField>
        </SpaceBetween>
      )}
    </FormModal>
  );
}
