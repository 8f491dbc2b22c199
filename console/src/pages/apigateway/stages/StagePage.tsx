import { GetStageCommand, type RestApi, type Stage } from '@aws-sdk/client-api-gateway';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Tabs from '@cloudscape-design/components/tabs';
import { useState } from 'react';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import { apigateway } from '../../../aws/apigateway';
import { useLoad } from '../../../aws/useLoad';
import { base } from '../../../components/follow';
import { Copyable } from '../../../components/Copyable';
import { lazily } from '../../../components/lazily';
import { Loading } from '../../../components/Loading';
import { ProblemAlert } from '../../../components/Problem';
import { Unloaded } from '../../../components/Unloaded';
import { ApiFrame } from '../ApiFrame';
import { metricName } from '../metricName';
import { stagePath } from '../paths';
import { invokeUrl } from './invoke';
import { draftOf, levelText, settingsOfAll } from './methodSettings';
import { StageSettings } from './StageSettings';

const LogsTab = lazily(() => import('./LogsTab'), 'LogsTab', <Loading />);
const Board = lazily(() => import('../../metrics/Board'), 'Board', <Loading />);
const Variables = lazily(() => import('./Variables'), 'Variables', <Loading />);
const ApiTags = lazily(() => import('../ApiTags'), 'ApiTags', <Loading />);
const ExportStage = lazily(() => import('../openapi/ExportStage'), 'ExportStage');
const Canary = lazily(() => import('./Canary'), 'Canary', <Loading />);
const MethodOverrides = lazily(() => import('./MethodOverrides'), 'MethodOverrides', <Loading />);
const History = lazily(() => import('./History'), 'History', <Loading />);

/** One stage: where to call it, its settings, its logs. */
export default function StagePage() {
  const { stageName = '' } = useParams();
  return <ApiFrame>{(api) => <StageOf key={`${api.id}/${stageName}`} api={api} stageName={stageName} />}</ApiFrame>;
}

function StageOf({ api, stageName }: { api: RestApi; stageName: string }) {
  const apiId = api.id!;
  const [query] = useSearchParams();
  const navigate = useNavigate();
  const { data: stage, error, reload } = useLoad(
    (abortSignal) => apigateway().send(new GetStageCommand({ restApiId: apiId, stageName }), { abortSignal }),
    [apiId, stageName],
  );
  if (!stage) {
    return <Unloaded loading="Loading the stage" error={error} reload={reload} />;
  }
  const props = { apiId, stage, reload };
  const tab = (id: string, label: string, content: React.ReactNode) => ({ id, label, content, href: base + stagePath(apiId, stageName, id) });
  return (
    <SpaceBetween size="l">
      <ProblemAlert error={error} onRetry={() => void reload()} />
      <Summary apiId={apiId} stage={stage} />
      <Tabs
        ariaLabel={`Stage ${stageName}`}
        activeTabId={query.get('tab') ?? 'settings'}
        onChange={(e) => void navigate(stagePath(apiId, stageName, e.detail.activeTabId), { replace: true })}
        tabs={[
          tab('settings', 'Settings', <StageSettings {...props} />),
          tab('logs', 'Logs', <LogsTab {...props} />),
          tab('dashboard', 'Dashboard', <Board title={`Stage ${stageName}`} dimensions={[{ Name: 'ApiName', Value: metricName(api) }, { Name: 'Stage', Value: stageName }]} />),
          tab('methods', 'Methods', <MethodOverrides {...props} />),
          tab('canary', 'Canary', <Canary {...props} />),
          tab('variables', 'Stage variables', <Variables {...props} />),
          tab('history', 'Deployment history', <History {...props} />),
          tab('tags', 'Tags', <ApiTags path={`/restapis/${apiId}/stages/${stageName}`} tags={stage.tags} reload={reload} />),
        ]}
      />
    </SpaceBetween>
  );
}

function Summary({ apiId, stage }: { apiId: string; stage: Stage }) {
  const [exporting, setExporting] = useState(false);
  const on = !!stage.accessLogSettings?.destinationArn;
  return (
    <Container header={<Header variant="h2" actions={<Button onClick={() => setExporting(true)}>Export</Button>}>Stage {stage.stageName}</Header>}>
      <KeyValuePairs
        columns={2}
        items={[
          { label: 'Invoke URL', value: <Copyable value={invokeUrl(apiId, stage.stageName!)} label="Invoke URL" /> },
          { label: 'Access logs', value: <StatusIndicator type={on ? 'success' : 'stopped'}>{on ? 'On' : 'Off'}</StatusIndicator> },
          { label: 'Deployment', value: stage.deploymentId ?? '-' },
          { label: 'Execution logs', value: levelText(draftOf(settingsOfAll(stage)).level) },
        ]}
      />
      {exporting && <ExportStage apiId={apiId} stageName={stage.stageName!} onClose={() => setExporting(false)} />}
    </Container>
  );
}
