import type { Integration, IntegrationResponse, Method, MethodResponse } from '@aws-sdk/client-api-gateway';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs, { type KeyValuePairsProps } from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactNode } from 'react';
import { useLoad } from '../../../aws/useLoad';
import { Code } from '../../../components/Code';
import { functionOf } from '../lambda';
import { listAuthorizers, listValidators } from '../parts';
import type { Editing } from './MethodView';
import './flow.css';

interface Props {
  apiId: string;
  /** Such as GET /notes. */
  name: string;
  method: Method;
  /** What the endpoint is called. */
  endpoint: string;
  onEdit: (what: Editing) => void;
}

/** A method as the four stations of a request's way: there on top, back below. */
export function MethodFlow({ apiId, name, method, endpoint, onEdit }: Props) {
  const integration = method.methodIntegration;
  const proxy = integration?.type?.endsWith('_PROXY');
  return (
    <div className="flow" role="group" aria-label={`Flow of ${name}`}>
      <End name="Client" side="start" />
      <Station title="Method request" way="there" action={<Act label="Edit method request" onClick={() => onEdit({ what: 'method' })} />}>
        <MethodRequest apiId={apiId} method={method} />
      </Station>
      <Station title="Integration request" way="there" last action={<Act label="Edit integration request" onClick={() => onEdit({ what: 'integration' })} />}>
        {integration ? <IntegrationRequest integration={integration} /> : 'The method has no integration yet.'}
      </Station>
      <Station title="Method response" way="back" action={<Act label="Create method response" text="Create" onClick={() => onEdit({ what: 'method-response' })} />}>
        <MethodResponses method={method} onEdit={onEdit} />
      </Station>
      <Station
        title="Integration response"
        way="back"
        last
        action={integration && !proxy && <Act label="Create integration response" text="Create" onClick={() => onEdit({ what: 'integration-response' })} />}
      >
        {integration && <IntegrationResponses integration={integration} onEdit={onEdit} />}
      </Station>
      <End name={endpoint} side="end" />
    </div>
  );
}

function Act({ label, text = 'Edit', onClick }: { label: string; text?: string; onClick: () => void }) {
  return <Button variant="inline-link" ariaLabel={label} onClick={onClick}>{text}</Button>;
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

/** The names of what a method knows by ID; undefined until they are there. */
function useNames(apiId: string, method: Method): { authorizer?: string; validator?: string } {
  const { authorizerId, requestValidatorId } = method;
  const { data } = useLoad(
    async (signal) => {
      const [authorizers, validators] = await Promise.all([authorizerId ? listAuthorizers(apiId, signal) : [], requestValidatorId ? listValidators(apiId, signal) : []]);
      return { authorizer: authorizers.find((a) => a.id === authorizerId)?.name, validator: validators.find((v) => v.id === requestValidatorId)?.name };
    },
    [apiId, authorizerId, requestValidatorId],
  );
  return data ?? {};
}

function MethodRequest({ apiId, method }: { apiId: string; method: Method }) {
  const names = useNames(apiId, method);
  const { authorizerId, requestValidatorId } = method;
  return (
    <Pairs
      items={[
        { label: 'Authorization', value: authorizerId ? (names.authorizer ?? authorizerId) : (method.authorizationType ?? '-') },
        ...(method.authorizationScopes?.length ? [{ label: 'Scopes', value: method.authorizationScopes.join(', ') }] : []),
        { label: 'Request validator', value: requestValidatorId ? (names.validator ?? requestValidatorId) : 'None' },
        { label: 'API key', value: method.apiKeyRequired ? 'Required' : 'Not required' },
        ...mapItem('Request parameters', method.requestParameters, (required) => (required ? 'required' : 'optional')),
        ...mapItem('Request models', method.requestModels, String),
      ]}
    />
  );
}

function IntegrationRequest({ integration }: { integration: Integration }) {
  const { httpMethod, uri, connectionId, contentHandling } = integration;
  const lambda = functionOf(uri);
  const templates = integration.requestTemplates ?? {};
  return (
    <SpaceBetween size="s">
      <Pairs
        items={[
          { label: 'Integration type', value: integration.type },
          ...(httpMethod && !lambda ? [{ label: 'HTTP method', value: httpMethod }] : []),
          ...(uri ? [{ label: lambda ? 'Lambda function' : 'Endpoint URL', value: <span className="flow-text">{lambda ?? uri}</span> }] : []),
          ...(connectionId ? [{ label: 'VPC link', value: connectionId }] : []),
          { label: 'Timeout', value: `${(integration.timeoutInMillis ?? 29_000) / 1000} s` },
          ...(Object.keys(templates).length > 0 ? [{ label: 'Body passthrough', value: integration.passthroughBehavior }] : []),
          ...(contentHandling ? [{ label: 'Content handling', value: contentHandling }] : []),
          ...mapItem('Parameters', integration.requestParameters, String),
        ]}
      />
      <Templates label="Request template" templates={templates} />
    </SpaceBetween>
  );
}

function IntegrationResponses({ integration, onEdit }: { integration: Integration; onEdit: Props['onEdit'] }) {
  if (integration.type?.endsWith('_PROXY')) {
    return <Box color="text-body-secondary">Proxy integration: the endpoint's answer is passed on as it is.</Box>;
  }
  const responses = Object.values(integration.integrationResponses ?? {});
  return (
    <SpaceBetween size="m">
      {responses.length === 0 && 'None.'}
      {responses.map((r) => (
        <One key={r.statusCode} what="integration response" statusCode={r.statusCode!} onEdit={() => onEdit({ what: 'integration-response', response: r })} onDelete={() => onEdit({ what: 'delete', of: 'integration', statusCode: r.statusCode! })}>
          <OneIntegrationResponse response={r} />
        </One>
      ))}
    </SpaceBetween>
  );
}

function OneIntegrationResponse({ response }: { response: IntegrationResponse }) {
  return (
    <SpaceBetween size="s">
      <Pairs
        items={[
          { label: 'Method response status', value: response.statusCode },
          { label: 'Selected by', value: response.selectionPattern || 'Default' },
          ...(response.contentHandling ? [{ label: 'Content handling', value: response.contentHandling }] : []),
          ...mapItem('Header mappings', response.responseParameters, String, 'method.response.header.'),
        ]}
      />
      <Templates label={`Response template of ${response.statusCode}`} templates={response.responseTemplates} />
    </SpaceBetween>
  );
}

function One({ what, statusCode, onEdit, onDelete, children }: { what: string; statusCode: string; onEdit: () => void; onDelete: () => void; children: ReactNode }) {
  return (
    <div>
      <Box float="right">
        <SpaceBetween direction="horizontal" size="xs">
          <Act label={`Edit ${what} ${statusCode}`} onClick={onEdit} />
          <Act label={`Delete ${what} ${statusCode}`} text="Delete" onClick={onDelete} />
        </SpaceBetween>
      </Box>
      {children}
    </div>
  );
}

function MethodResponses({ method, onEdit }: { method: Method; onEdit: Props['onEdit'] }) {
  const responses: MethodResponse[] = Object.values(method.methodResponses ?? {});
  if (responses.length === 0) {
    const proxy = method.methodIntegration?.type?.endsWith('_PROXY');
    return <Box color="text-body-secondary">{proxy ? "Any status and headers of the endpoint's answer." : 'None.'}</Box>;
  }
  return (
    <SpaceBetween size="m">
      {responses.map((r) => (
        <One key={r.statusCode} what="method response" statusCode={r.statusCode!} onEdit={() => onEdit({ what: 'method-response', response: r })} onDelete={() => onEdit({ what: 'delete', of: 'method', statusCode: r.statusCode! })}>
          <Pairs
            items={[
              { label: 'HTTP status', value: r.statusCode },
              ...namesItem('Headers', Object.keys(r.responseParameters ?? {}).map((name) => name.replace('method.response.header.', ''))),
              ...mapItem('Response models', r.responseModels, String),
            ]}
          />
        </One>
      ))}
    </SpaceBetween>
  );
}

function Templates({ label, templates }: { label: string; templates: Record<string, string> | undefined }) {
  return Object.entries(templates ?? {}).map(([type, text]) => (
    <div key={type}>
      <Box variant="awsui-key-label">{label} for {type}</Box>
      <Code label={`${label} for ${type}`}>{text || '(empty)'}</Code>
    </div>
  ));
}

function mapItem<T>(label: string, map: Record<string, T> | undefined, text: (value: T) => string, prefix = ''): KeyValuePairsProps.Item[] {
  return namesItem(label, Object.entries(map ?? {}).map(([key, v]) => `${key.replace(prefix, '')}: ${text(v)}`));
}

function namesItem(label: string, lines: string[]): KeyValuePairsProps.Item[] {
  return lines.length > 0 ? [{ label, value: lines.map((line) => <div key={line} className="flow-text">{line}</div>) }] : [];
}
