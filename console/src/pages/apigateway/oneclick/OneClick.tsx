import type { Stage } from '@aws-sdk/client-api-gateway';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useLoad } from '../../../aws/useLoad';
import { useSession } from '../../../aws/useSession';
import { LinkButton } from '../../../components/Link';
import { Unloaded } from '../../../components/Unloaded';
import { groupPath } from '../../logs/paths';
import { predefined } from '../accesslog/predefined';
import { accountId } from '../../../aws/account';
import { StepList, useSteps } from '../StepList';
import type { Step } from '../steps';
import { enableSteps } from './enable';
import { doneTag, logGroupOf, otherStageLogs, survey, type Found } from './found';
import { undoSteps } from './undo';

interface Props {
  apiId: string;
  stage: Stage;
  reload: () => Promise<void>;
}

/** What one click would do now, by what is there. */
interface Plan {
  found: Found;
  enable: Step[];
  undo: Step[];
}

/** Access logs on with one click, or off again: says what it will do, what it does and what it did. */
export function OneClick({ apiId, stage, reload }: Props) {
  const { region } = useSession();
  const stageName = stage.stageName!;
  const plan = useLoad((signal) => makePlan({ apiId, stageName, region }, signal), [apiId, stage]);
  const work = useSteps();
  const [undoing, setUndoing] = useState(false);
  const [last, setLast] = useState<'enable' | 'undo'>();
  const [busy, setBusy] = useState(false);
  const go = async (what: 'enable' | 'undo', steps: Step[]) => {
    setLast(what);
    setUndoing(false);
    setBusy(true);
    await work.run(steps);
    await Promise.all([reload(), plan.reload()]); // also after a failure: some of it may be done
    setBusy(false);
  };
  const on = !!stage.accessLogSettings?.destinationArn;
  const marked = stage.tags?.[doneTag] === 'on';

  return (
    <Container header={<Header variant="h2" description="The role, the setting, the log group and AWS' JSON format: what the guide asks for, made through the same APIs.">Access logs with one click</Header>}>
      <SpaceBetween size="m">
        {work.steps.length > 0 && <Result work={work} last={last} group={logGroupOf({ apiId, stageName })} />}
        {!busy && (
          <Offer
            plan={plan.data}
            error={plan.error}
            retry={plan.reload}
            on={on}
            marked={marked}
            undoing={undoing}
            setUndoing={setUndoing}
            go={(what, steps) => void go(what, steps)}
          />
        )}
      </SpaceBetween>
    </Container>
  );
}

async function makePlan(at: { apiId: string; stageName: string; region: string }, signal: AbortSignal): Promise<Plan> {
  const found = await survey({ ...at, accountId: await accountId() }, signal);
  const foreign = found.destinationArn !== '' && !found.stageMarked;
  const leftover = found.stageMarked || (found.role?.done.length ?? 0) > 0;
  return {
    found,
    enable: foreign ? [] : enableSteps(found, found.format || predefined.JSON),
    undo: leftover ? undoSteps(found, await otherStageLogs(found)) : [],
  };
}

function Result({ work, last, group }: { work: ReturnType<typeof useSteps>; last?: 'enable' | 'undo'; group: string }) {
  const finished = work.done === work.steps.length;
  return (
    <SpaceBetween size="s">
      <StepList label={last === 'undo' ? 'Undone' : 'Done'} {...work} />
      {finished && last === 'enable' && (
        <Alert type="success" action={<LinkButton to={groupPath(group)}>View log group</LinkButton>}>
          Access logs are on. Each request is one entry in {group}.
        </Alert>
      )}
      {finished && last === 'undo' && <Alert type="success">All of it is undone. Log groups and their entries stay.</Alert>}
    </SpaceBetween>
  );
}

interface OfferProps {
  plan?: Plan;
  error: unknown;
  retry: () => Promise<void>;
  on: boolean;
  marked: boolean;
  undoing: boolean;
  setUndoing: (undoing: boolean) => void;
  go: (what: 'enable' | 'undo', steps: Step[]) => void;
}

function Offer({ plan, error, retry, on, marked, undoing, setUndoing, go }: OfferProps) {
  if (!plan) {
    return <Unloaded loading="Looking at what is there" error={error} reload={retry} />;
  }
  if (on && !marked) {
    return <Box color="text-body-secondary">Access logs of this stage were set up by hand, so the one click leaves them alone. Change them below.</Box>;
  }
  if (plan.enable.length > 0 && !undoing) {
    return (
      <SpaceBetween size="s">
        <Box>{on ? 'Something is missing. One click will:' : 'One click will:'}</Box>
        <StepList label="To do" steps={plan.enable} done={0} running={false} />
        <SpaceBetween direction="horizontal" size="xs">
          <Button variant="primary" onClick={() => go('enable', plan.enable)}>Enable access logs</Button>
          {plan.undo.length > 0 && <Button onClick={() => setUndoing(true)}>Undo what was done before…</Button>}
        </SpaceBetween>
      </SpaceBetween>
    );
  }
  if (undoing) {
    return (
      <SpaceBetween size="s">
        <Box>Undoing will, and nothing else:</Box>
        <StepList label="To undo" steps={plan.undo} done={0} running={false} />
        <SpaceBetween direction="horizontal" size="xs">
          <Button variant="primary" onClick={() => go('undo', plan.undo)}>Undo</Button>
          <Button variant="link" onClick={() => setUndoing(false)}>Cancel</Button>
        </SpaceBetween>
      </SpaceBetween>
    );
  }
  return (
    <SpaceBetween direction="horizontal" size="s" alignItems="center">
      <Box>Access logs were turned on with one click.</Box>
      <Button disabled={plan.undo.length === 0} onClick={() => setUndoing(true)}>Undo…</Button>
    </SpaceBetween>
  );
}
