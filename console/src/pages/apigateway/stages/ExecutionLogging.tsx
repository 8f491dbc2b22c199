import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Toggle from '@cloudscape-design/components/toggle';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { LinkButton } from '../../../components/Link';
import { ProblemAlert } from '../../../components/Problem';
import { useWork } from '../../../components/useWork';
import { groupPath } from '../../logs/paths';
import { LevelSelect } from './LevelSelect';
import { allMethods, draftOf, settingsOfAll, settingsPatches } from './methodSettings';
import { executionGroup, patchStage, type StageProps } from './stage';

/** What the stage tells about each request besides its access log: execution logs and metrics by method. */
export function ExecutionLogging(props: StageProps) {
  const { apiId, stage } = props;
  const saved = settingsOfAll(stage);
  const [draft, setDraft] = useState(() => draftOf(saved));
  const { busy, error, run } = useWork();
  const notify = useNotify();
  const ops = settingsPatches(allMethods, saved, draft);
  const overrides = Object.keys(stage.methodSettings ?? {}).filter((key) => key !== allMethods).length;
  const save = () =>
    void run(async () => {
      await patchStage(props, ...ops);
      notify.success(`Execution logs and metrics of stage ${stage.stageName} were changed.`);
    });
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={overrides > 0 ? `${overrides} ${overrides === 1 ? 'method has an override' : 'methods have overrides'}, in the tab Methods.` : undefined}
          actions={<LinkButton to={groupPath(executionGroup(apiId, stage.stageName!))} iconName="angle-right" iconAlign="right">View execution logs in CloudWatch</LinkButton>}
        >
          Execution logs and metrics
        </Header>
      }
    >
      <SpaceBetween size="l">
        <LevelSelect value={draft.level} onChange={(level) => setDraft((old) => ({ ...old, level }))} />
        <Toggle checked={draft.metrics} onChange={(e) => setDraft((old) => ({ ...old, metrics: e.detail.checked }))} description="CloudWatch metrics of each method, besides those of the API and the stage.">
          Detailed metrics
        </Toggle>
        <ProblemAlert error={error} />
        <Button loading={busy} disabled={ops.length === 0} onClick={save}>Save execution logs and metrics</Button>
      </SpaceBetween>
    </Container>
  );
}
