import { GetAccountCommand } from '@aws-sdk/client-api-gateway';
import Alert from '@cloudscape-design/components/alert';
import Autosuggest from '@cloudscape-design/components/autosuggest';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useEffect, useState } from 'react';
import { useNotify } from '../../app/notifications';
import { apigateway } from '../../aws/apigateway';
import { useLoad } from '../../aws/useLoad';
import { useSession } from '../../aws/useSession';
import { LinkButton } from '../../components/Link';
import { ProblemAlert } from '../../components/Problem';
import { Unloaded } from '../../components/Unloaded';
import { useWork } from '../../components/useWork';
import { logRole } from '../iam/logRole';
import { createRolePath } from '../iam/paths';
import { listRoles } from '../iam/roles';
import { trustsService } from '../iam/trust';
import { setLogRole } from './oneclick/enable';

/** API Gateway's settings of the account in the region: the role that logs are written with. */
export default function SettingsPage() {
  const { region } = useSession();
  const account = useLoad((signal) => apigateway().send(new GetAccountCommand({}), { abortSignal: signal }), []);
  if (!account.data) {
    return <Unloaded loading="Loading settings" error={account.error} reload={account.reload} heading="Settings" />;
  }
  const { throttleSettings: throttle, apiKeyVersion } = account.data;
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={`They hold for every API of the account in ${region}.`}>Settings</Header>
      <LogRole saved={account.data.cloudwatchRoleArn ?? ''} reload={account.reload} />
      <Container header={<Header variant="h2">Account limits</Header>}>
        <KeyValuePairs
          columns={3}
          items={[
            { label: 'Requests per second', value: throttle?.rateLimit?.toLocaleString() ?? '-' },
            { label: 'Burst', value: throttle?.burstLimit?.toLocaleString() ?? '-' },
            { label: 'API key version', value: apiKeyVersion ?? '-' },
          ]}
        />
      </Container>
    </SpaceBetween>
  );
}

function LogRole({ saved, reload }: { saved: string; reload: () => Promise<void> }) {
  const [arn, setArn] = useState(saved);
  useEffect(() => setArn(saved), [saved]);
  const roles = useLoad(listRoles, []);
  const { busy, error, run } = useWork();
  const notify = useNotify();
  const fitting = (roles.data ?? []).filter((role) => trustsService(role.AssumeRolePolicyDocument, logRole.service));
  const save = () =>
    void run(async () => {
      await setLogRole(arn.trim());
      notify.success(arn.trim() ? 'API Gateway now writes logs with the role.' : 'API Gateway has no role to write logs with any more.');
      await reload();
    });
  return (
    <form onSubmit={(e) => { e.preventDefault(); if (!busy) save(); }}>
      <Form
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button formAction="none" variant="link" disabled={arn === saved || busy} onClick={() => setArn(saved)}>Discard</Button>
            <Button variant="primary" formAction="submit" loading={busy} disabled={arn.trim() === saved}>Save</Button>
          </SpaceBetween>
        }
      >
        <Container header={<Header variant="h2" description="The IAM role that API Gateway writes access logs and execution logs to CloudWatch Logs with.">Logging</Header>}>
          <SpaceBetween size="m">
            {saved === '' && (
              <Alert type="info" action={<LinkButton to={createRolePath}>Create role</LinkButton>}>
                No role is set, so no stage can write logs. Create one for the use case API Gateway, then enter its ARN here.
              </Alert>
            )}
            <FormField
              label="CloudWatch log role ARN"
              constraintText="It has to trust apigateway.amazonaws.com and to have the permissions of AmazonAPIGatewayPushToCloudWatchLogs. Empty clears it."
              stretch
            >
              <Autosuggest
                value={arn}
                onChange={(e) => setArn(e.detail.value)}
                options={fitting.map((role) => ({ value: role.Arn, description: role.Description }))}
                enteredTextLabel={(text) => `Use: ${text}`}
                placeholder="arn:aws:iam::000000000000:role/APIGatewayCloudWatchLogs"
                statusType={roles.loading ? 'loading' : roles.error ? 'error' : 'finished'}
                loadingText="Loading roles"
                errorText="Roles could not be listed"
                empty="No role trusts API Gateway yet"
              />
            </FormField>
            <ProblemAlert error={error} />
          </SpaceBetween>
        </Container>
      </Form>
    </form>
  );
}
