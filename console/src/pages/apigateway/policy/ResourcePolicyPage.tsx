import { UpdateRestApiCommand, type RestApi } from '@aws-sdk/client-api-gateway';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { JSONField } from '../../../components/editor/JSONField';
import { jsonProblem } from '../../../components/editor/places';
import { ProblemAlert } from '../../../components/Problem';
import { useWork } from '../../../components/useWork';
import { ApiFrame } from '../ApiFrame';
import { example, exampleItems, policyText, unfilled } from './policies';

/** Who may call the API at all, as a policy document. */
export default function ResourcePolicyPage() {
  return <ApiFrame>{(api, reload) => <ResourcePolicy api={api} reload={reload} />}</ApiFrame>;
}

function ResourcePolicy({ api, reload }: { api: RestApi; reload: () => Promise<void> }) {
  const stored = policyText(api.policy);
  const [text, setText] = useState(stored);
  const { busy, error, run } = useWork();
  const notify = useNotify();
  const missing = unfilled(text);
  const save = (value: string) =>
    void run(async () => {
      const changed = await apigateway().send(new UpdateRestApiCommand({ restApiId: api.id, patchOperations: [{ op: 'replace', path: '/policy', value }] }));
      setText(policyText(changed.policy));
      notify.success(value ? 'The resource policy was saved. Stages follow it after the next deployment.' : 'The resource policy was deleted. Stages forget it at the next deployment.');
      await reload();
    });
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="Allows or denies accounts, addresses and VPC endpoints the use of the API. Every change takes effect with the next deployment."
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button disabled={!stored || busy} onClick={() => save('')}>Delete</Button>
              <Button variant="primary" disabled={!text.trim() || text === stored || !!jsonProblem(text) || !!missing} loading={busy} onClick={() => save(text)}>Save changes</Button>
            </SpaceBetween>
          }
        >
          Resource policy
        </Header>
      }
    >
      <SpaceBetween size="m">
        <SpaceBetween direction="horizontal" size="xs" alignItems="center">
          <Box color="text-body-secondary">Begin with an example:</Box>
          {exampleItems.map(({ id, text: name }) => <Button key={id} onClick={() => setText(example(id))}>{name}</Button>)}
        </SpaceBetween>
        <JSONField
          label="Policy document"
          description="A resource may be written short, as execute-api:/stage/METHOD/path; it is stored as the full ARN."
          value={text}
          onChange={setText}
          lines={14}
          optional
        />
        {missing && <Box color="text-status-warning">Fill in {missing}.</Box>}
        <ProblemAlert error={error} />
      </SpaceBetween>
    </Container>
  );
}
