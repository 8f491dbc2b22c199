import type { Integration, IntegrationResponse, Method, Resource } from '@aws-sdk/client-api-gateway';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs, { type KeyValuePairsProps } from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState, type ReactNode } from 'react';
import { Code } from '../../../components/Code';
import { lazily } from '../../../components/lazily';
import './flow.css';

const EditIntegration = lazily(() => import('./EditIntegration'), 'EditIntegration');
const EditMockResponse = lazily(() => import('./EditMockResponse'), 'EditMockResponse');

interface Props {
  apiId: string;
  resource: Resource;
  httpMethod: string;
  reload: () => Promise<void>;
  onDelete: () => void;
}

/** A method as the four stations of a request's way: there on top, back below. */
export function MethodView({ apiId, resource, httpMethod, reload, onDelete }: Props) {
  const [editing, setEditing] = useState<'integration' | 'response'>();
  const method = resource.resourceMethods![httpMethod]!;
  const integration = method.methodIntegration;
  const at = { restApiId: apiId, resourceId: resource.id!, httpMethod };
  const mock = integration?.type === 'MOCK';
  return (
    <SpaceBetween size="l">
      <Header variant="h2" actions={<Button onClick={onDelete}>Delete method</Button>}>{`${httpMethod} ${resource.path}`}</Header>
      <div className="flow" role="group" aria-label={`Flow of ${httpMethod} ${resource.path}`}>
        <End name="Client" side="start" />
        <Station title="Method request" way="there"><Pairs items={methodRequest(method)} /></Station>
        <Station title="Integration request" way="there" last action={integration && !mock && <Edit label="Edit integration request" onClick={() => setEditing('integration')} />}>
          {integration ? <IntegrationRequest integration={integration} /> : 'The method has no integration yet.'}
        </Station>
        <Station title="Method response" way="back"><MethodResponses method={method} /></Station>
        <Station title="Integration response" way="back" last action={mock && <Edit label="Edit integration response" onClick={() => setEditing('response')} />}>
          {integration && <IntegrationResponses integration={integration} />}
        </Station>
        <End name={endpointName(integration)} side="end" />
      </div>
      {editing === 'integration' && <EditIntegration at={at} integration={integration!} onClose={() => setEditing(undefined)} onDone={reload} />}
      {editing === 'response' && <EditMockResponse at={at} integration={integration!} onClose={() => setEditing(undefined)} onDone={reload} />}
    </SpaceBetween>
  );
}

function Edit({ label, onClick }: { label: string; onClick: () => void }) {
  return <Button variant="inline-link" ariaLabel={label} onClick={onClick}>Edit</Button>;
}

function endpointName(integration: Integration | undefined): string {
  return integration?.type === 'MOCK' ? 'Mock endpoint' : 'HTTP endpoint';
}

function End({ name, side }: { name: string; side: 'start' | 'end' }) {
  return <div className={`flow-terminal flow-${side}`}>{name}</div>;
}

function Station({ title, way, last, action, children }: { title: string; way: 'there' | 'back'; last?: boolean; action?: ReactNode; children: ReactNode }) {
  return (
    <div className={`flow-station flow-${way}${last ? ' flow-last' : ''}`}>
      <Container fitHeight header={<Header variant="h3" actions={action}>{title}</Header>}>
        {children}
      </Container>
    </div>
  );
}

function Pairs({ items }: { items: KeyValuePairsProps.Item[] }) {
  return <KeyValuePairs columns={1} items={items} />;
}

function methodRequest(method: Method): KeyValuePairsProps.Item[] {
  return [
    { label: 'Authorization', value: method.authorizationType ?? '-' },
    { label: 'API key', value: method.apiKeyRequired ? 'Required' : 'Not required' },
    ...mapItem('Request parameters', method.requestParameters, (required) => (required ? 'required' : 'optional')),
    ...mapItem('Request models', method.requestModels, String),
  ];
}

function IntegrationRequest({ integration }: { integration: Integration }) {
  return (
    <SpaceBetween size="s">
      <Pairs
        items={[
          { label: 'Integration type', value: integration.type },
          ...(integration.httpMethod ? [{ label: 'HTTP method', value: integration.httpMethod }] : []),
          ...(integration.uri ? [{ label: 'Endpoint URL', value: <span className="flow-text">{integration.uri}</span> }] : []),
          { label: 'Timeout', value: `${(integration.timeoutInMillis ?? 29_000) / 1000} s` },
          ...mapItem('Parameters', integration.requestParameters, String),
        ]}
      />
      <Templates label="Request template" templates={integration.requestTemplates} />
    </SpaceBetween>
  );
}

function IntegrationResponses({ integration }: { integration: Integration }) {
  if (integration.type?.endsWith('_PROXY')) {
    return <Box color="text-body-secondary">Proxy integration: the endpoint's answer is passed on as it is.</Box>;
  }
  const responses = Object.values(integration.integrationResponses ?? {});
  return responses.length === 0 ? 'None.' : responses.map((r) => <OneIntegrationResponse key={r.statusCode} response={r} />);
}

function OneIntegrationResponse({ response }: { response: IntegrationResponse }) {
  return (
    <SpaceBetween size="s">
      <Pairs
        items={[
          { label: 'Method response status', value: response.statusCode },
          { label: 'Selected by', value: response.selectionPattern || 'Default' },
          ...mapItem('Header mappings', response.responseParameters, String),
        ]}
      />
      <Templates label="Response template" templates={response.responseTemplates} />
    </SpaceBetween>
  );
}

function MethodResponses({ method }: { method: Method }) {
  const responses = Object.values(method.methodResponses ?? {});
  if (responses.length === 0) {
    const proxy = method.methodIntegration?.type?.endsWith('_PROXY');
    return <Box color="text-body-secondary">{proxy ? "Any status and headers of the endpoint's answer." : 'None.'}</Box>;
  }
  return responses.map((r) => (
    <Pairs key={r.statusCode} items={[{ label: 'HTTP status', value: r.statusCode }, ...mapItem('Response models', r.responseModels, String)]} />
  ));
}

function Templates({ label, templates }: { label: string; templates: Record<string, string> | undefined }) {
  return Object.entries(templates ?? {}).map(([type, text]) => (
    <div key={type}>
      <Box variant="awsui-key-label">{label} for {type}</Box>
      <Code label={`${label} for ${type}`}>{text || '(empty)'}</Code>
    </div>
  ));
}

function mapItem<T>(label: string, map: Record<string, T> | undefined, text: (value: T) => string): KeyValuePairsProps.Item[] {
  const entries = Object.entries(map ?? {});
  const value = entries.map(([key, v]) => <div key={key} className="flow-text">{`${key}: ${text(v)}`}</div>);
  return entries.length > 0 ? [{ label, value }] : [];
}
