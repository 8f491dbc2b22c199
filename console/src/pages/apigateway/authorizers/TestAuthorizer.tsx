import { TestInvokeAuthorizerCommand, type Authorizer, type TestInvokeAuthorizerResponse } from '@aws-sdk/client-api-gateway';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Button from '@cloudscape-design/components/button';
import { useState } from 'react';
import { apigateway } from '../../../aws/apigateway';
import { LabelledCode } from '../../../components/Code';
import { prettyJSON } from '../../../components/editor/places';
import { ProblemAlert } from '../../../components/Problem';
import { mapOf, type Row } from '../../../components/rows';
import { TextRows } from '../../../components/RowsEditor';
import { useWork } from '../../../components/useWork';
import { draftOf } from './authorizer';

/** Has the authorizer look at a request that is made up here. */
export function TestAuthorizer({ apiId, authorizer, onClose }: { apiId: string; authorizer: Authorizer; onClose: () => void }) {
  const { header, sources } = draftOf(authorizer);
  const named = authorizer.type === 'REQUEST' ? sources.flatMap((s) => /^method\.request\.header\.(.+)$/.exec(s)?.[1] ?? []) : [header];
  const [headers, setHeaders] = useState<Row<string>[]>(() => named.map((name) => ({ name, value: '' })));
  const [query, setQuery] = useState('');
  const [variables, setVariables] = useState<Row<string>[]>([]);
  const [answer, setAnswer] = useState<TestInvokeAuthorizerResponse>();
  const { busy, error, run } = useWork();
  const test = () =>
    void run(async () => {
      setAnswer(undefined);
      const { $metadata: _, ...found } = await apigateway().send(
        new TestInvokeAuthorizerCommand({
          restApiId: apiId,
          authorizerId: authorizer.id,
          headers: mapOf(headers),
          stageVariables: mapOf(variables),
          pathWithQueryString: query ? `/?${query.replace(/^\?/, '')}` : undefined,
        }),
      );
      setAnswer(found);
    });
  return (
    <Modal visible size="large" header={`Test authorizer ${authorizer.name}`} closeAriaLabel="Close" onDismiss={onClose}>
      <form onSubmit={(e) => { e.preventDefault(); if (!busy) test(); }}>
        <SpaceBetween size="m">
          <FormField label="Request headers" stretch>
            <TextRows what="header" rows={headers} onChange={setHeaders} valueLabel="Value" />
          </FormField>
          {authorizer.type === 'REQUEST' && (
            <SpaceBetween size="m">
              <FormField label="Query string - optional" stretch>
                <Input value={query} onChange={(e) => setQuery(e.detail.value)} placeholder="token=abc" spellcheck={false} />
              </FormField>
              <FormField label="Stage variables - optional" stretch>
                <TextRows what="stage variable" rows={variables} onChange={setVariables} valueLabel="Value" />
              </FormField>
            </SpaceBetween>
          )}
          <Button formAction="submit" variant="primary" loading={busy}>Test authorizer</Button>
          <ProblemAlert error={error} />
          {answer && <Answer answer={answer} />}
        </SpaceBetween>
      </form>
    </Modal>
  );
}

function Answer({ answer }: { answer: TestInvokeAuthorizerResponse }) {
  const { clientStatus: status = 0 } = answer;
  const claims = Object.entries(answer.claims ?? {});
  return (
    <SpaceBetween size="m">
      <KeyValuePairs
        columns={3}
        items={[
          { label: 'Client status', value: <StatusIndicator type={status === 200 ? 'success' : 'error'}>{String(status)}</StatusIndicator> },
          { label: 'Latency', value: `${answer.latency} ms` },
          { label: 'Principal ID', value: answer.principalId ?? '-' },
        ]}
      />
      {claims.length > 0 && <LabelledCode label="Claims" text={claims.map(([k, v]) => `${k}: ${v}`).join('\n')} />}
      {answer.policy && <LabelledCode label="Policy" text={prettyJSON(answer.policy)} />}
      <LabelledCode label="Logs" text={answer.log ?? ''} />
    </SpaceBetween>
  );
}
