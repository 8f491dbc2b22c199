import { TestInvokeMethodCommand, type Resource, type TestInvokeMethodResponse } from '@aws-sdk/client-api-gateway';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import { apigateway } from '../../../aws/apigateway';
import { LabelledCode } from '../../../components/Code';
import { prettyJSON } from '../../../components/editor/places';
import { ProblemAlert } from '../../../components/Problem';
import { mapOf, twice, type Row } from '../../../components/rows';
import { TextRows } from '../../../components/RowsEditor';
import { useWork } from '../../../components/useWork';
import type { MethodAt } from './method';
import { httpMethods } from './methods';
import { pathParameters, pathWithQuery } from './testRequest';

/** Sends a made-up request through the method as it is now, deployed or not, and shows its answer and its log. */
export function TestMethod({ at, resource }: { at: MethodAt; resource: Resource }) {
  const path = resource.path!;
  const any = at.httpMethod === 'ANY';
  const [httpMethod, setHttpMethod] = useState(any ? 'GET' : at.httpMethod);
  const [parameters, setParameters] = useState<Record<string, string>>({});
  const [query, setQuery] = useState('');
  const [headers, setHeaders] = useState<Row<string>[]>([]);
  const [variables, setVariables] = useState<Row<string>[]>([]);
  const [body, setBody] = useState('');
  const [answer, setAnswer] = useState<TestInvokeMethodResponse>();
  const { busy, error, run } = useWork();
  const test = () =>
    void run(async () => {
      setAnswer(undefined);
      setAnswer(
        await apigateway().send(
          new TestInvokeMethodCommand({
            ...at,
            httpMethod,
            pathWithQueryString: pathWithQuery(path, parameters, query),
            headers: mapOf(headers),
            stageVariables: mapOf(variables),
            body: body || undefined,
          }),
        ),
      );
    });
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h3" description="Authorizers, API keys and throttling are passed over; nothing is written to access logs.">Test method</Header>}>
        <form onSubmit={(e) => { e.preventDefault(); if (!busy) test(); }}>
          <SpaceBetween size="m">
            {any && (
              <FormField label="Method type">
                <Select ariaLabel="Method type" selectedOption={{ value: httpMethod }} options={httpMethods.filter((m) => m !== 'ANY').map((value) => ({ value }))} onChange={(e) => setHttpMethod(e.detail.selectedOption.value!)} />
              </FormField>
            )}
            {pathParameters(path).map((name) => (
              <FormField key={name} label={`Path ${name}`}>
                <Input value={parameters[name] ?? ''} onChange={(e) => setParameters({ ...parameters, [name]: e.detail.value })} placeholder={`{${name}}`} spellcheck={false} />
              </FormField>
            ))}
            <FormField label="Query strings" stretch>
              <Input value={query} onChange={(e) => setQuery(e.detail.value)} placeholder="param1=value1&param2=value2" spellcheck={false} />
            </FormField>
            <FormField label="Headers" stretch>
              <TextRows what="header" rows={headers} onChange={setHeaders} valueLabel="Value" namePlaceholder="Accept" />
            </FormField>
            <FormField label="Stage variables" stretch>
              <TextRows what="stage variable" rows={variables} onChange={setVariables} valueLabel="Value" />
            </FormField>
            {!['GET', 'HEAD'].includes(httpMethod) && (
              <FormField label="Request body" stretch>
                <Textarea value={body} onChange={(e) => setBody(e.detail.value)} rows={6} spellcheck={false} />
              </FormField>
            )}
            <Button variant="primary" formAction="submit" loading={busy} disabled={!!twice(headers) || !!twice(variables)}>Test</Button>
            <ProblemAlert error={error} />
          </SpaceBetween>
        </form>
      </Container>
      {answer && <Answer of={`${httpMethod} ${path}`} answer={answer} />}
    </SpaceBetween>
  );
}

function Answer({ of, answer }: { of: string; answer: TestInvokeMethodResponse }) {
  const { status = 0 } = answer;
  const headers = Object.entries(answer.multiValueHeaders ?? {}).flatMap(([name, values]) => values.map((value) => `${name}: ${value}`));
  return (
    <Container header={<Header variant="h3">{`${of} test results`}</Header>}>
      <SpaceBetween size="m">
        <KeyValuePairs
          columns={3}
          items={[
            { label: 'Status', value: <StatusIndicator type={status < 400 ? 'success' : status < 500 ? 'warning' : 'error'}>{String(status)}</StatusIndicator> },
            { label: 'Latency', value: `${answer.latency} ms` },
          ]}
        />
        <LabelledCode label="Response body" text={prettyJSON(answer.body ?? '') || '(empty)'} />
        <LabelledCode label="Response headers" text={headers.join('\n') || '(none)'} />
        <LabelledCode label="Logs" text={answer.log ?? ''} />
      </SpaceBetween>
    </Container>
  );
}
