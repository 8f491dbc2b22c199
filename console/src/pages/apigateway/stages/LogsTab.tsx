import type { Stage } from '@aws-sdk/client-api-gateway';
import { GetAccountCommand } from '@aws-sdk/client-api-gateway';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Toggle from '@cloudscape-design/components/toggle';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { useLoad } from '../../../aws/useLoad';
import { useSession } from '../../../aws/useSession';
import { LinkButton } from '../../../components/Link';
import { ProblemAlert } from '../../../components/Problem';
import { useWork } from '../../../components/useWork';
import { groupPath } from '../../logs/paths';
import { predefined } from '../accesslog/predefined';
import { refusal } from '../accesslog/validate';
import { accountId } from '../../../aws/account';
import { saveAccessLogs } from '../oneclick/enable';
import { groupOfArn, logGroupArn } from '../../../aws/arn';
import { logGroupOf } from '../oneclick/found';
import { OneClick } from '../oneclick/OneClick';
import { turnOffAccessLogs } from '../oneclick/undo';
import { settingsPath } from '../paths';
import { Deliveries } from './Deliveries';
import { ExecutionLogging } from './ExecutionLogging';
import { FormatEditor } from './FormatEditor';
import { Preview } from './Preview';
import type { StageProps } from './stage';

/** Access logs of a stage, with one click or by hand as the AWS console has it, and its execution logs. */
export function LogsTab({ apiId, stage, reload }: StageProps) {
  const account = useLoad((abortSignal) => apigateway().send(new GetAccountCommand({}), { abortSignal }), [stage]);
  const saved = stage.accessLogSettings;
  return (
    <SpaceBetween size="l">
      <OneClick apiId={apiId} stage={stage} reload={reload} />
      {account.data && !account.data.cloudwatchRoleArn && (
        <Alert type="warning" header="API Gateway has no role to write logs with" action={<LinkButton to={settingsPath}>Settings</LinkButton>}>
          Set the CloudWatch log role ARN in Settings first, or let the one click above do it.
        </Alert>
      )}
      <AccessLogging key={`${saved?.destinationArn} ${saved?.format}`} apiId={apiId} stage={stage} reload={reload} />
      <ExecutionLogging key={JSON.stringify(stage.methodSettings)} apiId={apiId} stage={stage} reload={reload} />
      <Deliveries apiId={apiId} stage={stage} reload={reload} />
    </SpaceBetween>
  );
}

interface Draft {
  on: boolean;
  destination: string;
  format: string;
}

function draftOf(stage: Stage): Draft {
  const { destinationArn = '', format = '' } = stage.accessLogSettings ?? {};
  return { on: destinationArn !== '', destination: destinationArn, format };
}

function AccessLogging({ apiId, stage, reload }: StageProps) {
  const [draft, setDraft] = useState(() => draftOf(stage));
  const { region, identity } = useSession();
  const { busy, error, run } = useWork();
  const notify = useNotify();
  const at = { apiId, stageName: stage.stageName! };
  const suggestion = logGroupOf(at);
  const saved = draftOf(stage);
  const changed = draft.on !== saved.on || (draft.on && (draft.destination !== saved.destination || draft.format !== saved.format));
  const wrong = draft.on && (draft.destination.trim() === '' || refusal(draft.format) !== undefined);
  const change = (part: Partial<Draft>) => setDraft((old) => ({ ...old, ...part }));
  const arnOf = (account: string) => logGroupArn({ region, accountId: account }, suggestion);

  const turn = (on: boolean) =>
    change(on ? { on, destination: draft.destination || (identity ? arnOf(identity.account) : suggestion), format: draft.format || predefined.JSON } : { on });
  const save = () =>
    void run(async () => {
      if (draft.on) {
        await saveAccessLogs(at, await destinationArn(draft.destination.trim(), region), draft.format);
      } else {
        await turnOffAccessLogs(at);
      }
      notify.success(draft.on ? `Access logs of stage ${stage.stageName} are on.` : `Access logs of stage ${stage.stageName} are off.`);
      await reload();
    });

  return (
    <SpaceBetween size="m">
      <Container header={<Header variant="h2" actions={<GroupLink arn={saved.destination} />}>Access logging</Header>}>
        <SpaceBetween size="l">
          <Toggle checked={draft.on} onChange={(e) => turn(e.detail.checked)} description="One entry for each request, into a log group of CloudWatch Logs.">
            Enable Access Logging
          </Toggle>
          {draft.on && (
            <SpaceBetween size="l">
              <FormField
                label="CloudWatch log group ARN"
                constraintText={`A log group's ARN or its name, such as ${suggestion}. API Gateway creates the group with the first entry.`}
                errorText={draft.destination.trim() === '' ? 'Enter a log group.' : ''}
                secondaryControl={groupOfArn(draft.destination) !== suggestion && draft.destination !== suggestion && <Button onClick={() => change({ destination: identity ? arnOf(identity.account) : suggestion })}>Suggest</Button>}
                stretch
              >
                <Input value={draft.destination} onChange={(e) => change({ destination: e.detail.value })} spellcheck={false} />
              </FormField>
              <FormatEditor format={draft.format} onChange={(format) => change({ format })} />
              <Preview stage={stage} apiId={apiId} format={draft.format} />
            </SpaceBetween>
          )}
          <ProblemAlert error={error} />
        </SpaceBetween>
      </Container>
      <Box float="right">
        <SpaceBetween direction="horizontal" size="xs">
          <Button variant="link" disabled={!changed || busy} onClick={() => setDraft(saved)}>Discard</Button>
          <Button variant="primary" loading={busy} disabled={!changed || wrong} onClick={save}>Save changes</Button>
        </SpaceBetween>
      </Box>
    </SpaceBetween>
  );
}

/** A log group may be given by its name, as in the AWS console of old; another ARN is left to AWS to judge. */
async function destinationArn(entered: string, region: string): Promise<string> {
  return entered.startsWith('arn:') ? entered : logGroupArn({ region, accountId: await accountId() }, entered);
}

/** The way to the entries. */
function GroupLink({ arn }: { arn: string }) {
  const group = groupOfArn(arn);
  return group ? <LinkButton to={groupPath(group)} iconName="angle-right" iconAlign="right">View log group in CloudWatch</LinkButton> : null;
}
