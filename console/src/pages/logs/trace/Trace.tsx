import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useLoad } from '../../../aws/useLoad';
import { useSession } from '../../../aws/useSession';
import { Empty } from '../../../components/Empty';
import { Link, LinkButton } from '../../../components/Link';
import { PlainTable } from '../../../components/PlainTable';
import { ProblemAlert } from '../../../components/Problem';
import { formatTime } from '../../../components/time/timeRange';
import { Unloaded } from '../../../components/Unloaded';
import { stagePath } from '../../apigateway/paths';
import { classOf } from '../entry';
import { entryPath, streamPath } from '../paths';
import { findStory, readMinute, type Hint } from './search';
import { requestLine, statusOf, type Counted, type Happening, type Line, type Story, type Timing } from './story';
import '../logs.css';
import './trace.css';

/** The story of one request: access log entry, execution log, the back end's time and the metrics, in one timeline. */
export function Trace({ id, at, group }: Hint & { id: string }) {
  const { data: story, error, reload } = useLoad((signal) => findStory(id, { at, group }, signal), [id, at, group]);
  if (!story) {
    return <Unloaded loading="Looking for what the request has left" error={error} reload={reload} />;
  }
  if (story.timeline.length === 0) {
    return <Empty title={`No log entry of request ${id}`}>{'Its stage writes no logs, their retention has passed, or the ID is another\'s. Answers have it in the header x-amzn-RequestId.'}</Empty>;
  }
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2" description={<Where story={story} />} actions={<Sources story={story} />}>Request trace</Header>}>
        <SpaceBetween size="m">
          {story.timing && <TimingBar timing={story.timing} />}
          <Timeline story={story} />
          <Missing story={story} />
        </SpaceBetween>
      </Container>
      {story.counted && <CountedIn counted={story.counted} />}
    </SpaceBetween>
  );
}

function Where({ story }: { story: Story }) {
  const status = statusOf(story);
  return (
    <>
      {status !== undefined && <span className={`tb-status tb-${classOf(String(status))}`}>{status} </span>}
      {requestLine(story) || 'Request'} · {story.id}
      {story.of && <> · <Link to={stagePath(story.of.apiId, story.of.stage.stageName!)} fontSize="inherit">{story.of.apiName}, stage {story.of.stage.stageName}</Link></>}
    </>
  );
}

function Sources({ story: { entry, execution } }: { story: Story }) {
  const { region } = useSession();
  const line = execution[0];
  return (
    <SpaceBetween direction="horizontal" size="xs">
      {entry && <LinkButton to={entryPath({ ...entry, region })}>Access log entry</LinkButton>}
      {line && <LinkButton to={lineOf(line)}>Execution log</LinkButton>}
    </SpaceBetween>
  );
}

/** The execution log at a line's time. */
function lineOf(line: Line): string {
  return `${streamPath(line.group, line.stream)}&at=${line.timestamp}`;
}

/** Where the time went: before, in and after the back end; without an execution log, only how much of it. */
function TimingBar({ timing }: { timing: Timing }) {
  const { total, backEnd, before } = timing;
  const own = total - backEnd;
  const parts = before === undefined
    ? [{ name: 'Gateway', ms: own }, { name: 'Back end', ms: backEnd }]
    : [{ name: 'Gateway, before', ms: before }, { name: 'Back end', ms: backEnd }, { name: 'Gateway, after', ms: own - before }];
  return (
    <div>
      <div className="tb-timing" role="img" aria-label={`${total} ms: ${parts.map((p) => `${p.name} ${p.ms} ms`).join(', ')}`}>
        {parts.map((p) => <span key={p.name} className={p.name === 'Back end' ? 'back' : 'own'} style={{ flexGrow: p.ms }} />)}
      </div>
      <ul className="tb-timing-legend">
        <li><b>{total} ms</b> in all</li>
        {parts.map((p) => <li key={p.name} className={p.name === 'Back end' ? 'back' : 'own'}>{p.name} {p.ms} ms</li>)}
      </ul>
    </div>
  );
}

const failed = /^(Execution failed|Lambda execution failed|.*\bfailed\b)|^Method completed with status: [45]/;

function Timeline({ story }: { story: Story }) {
  const rows = story.timeline.map((happening, i) => ({ ...happening, key: String(i) }));
  return (
    <PlainTable
      label="Timeline"
      rows={rows}
      keyOf={(h) => h.key}
      columns={[
        { header: 'Time', width: '185px', cell: (h) => formatTime(h.timestamp) },
        { header: 'After arrival', width: '110px', cell: (h) => `${h.after.toLocaleString('en')} ms` },
        { header: 'From', width: '130px', cell: (h) => (h.source === 'access' ? 'Access log' : 'Execution log') },
        { header: 'What happened', cell: (h) => <Text happening={h} /> },
      ]}
    />
  );
}

function Text({ happening: { source, text } }: { happening: Happening }) {
  return <span className={`tb-told${source === 'execution' ? ' tb-mono' : ''}${source === 'execution' && failed.test(text) ? ' tb-failed' : ''}`}>{text}</span>;
}

/** What to turn on for a fuller story. */
function Missing({ story: { entry, execution, of } }: { story: Story }) {
  if (!of || (entry && execution.length > 0)) {
    return null;
  }
  const logsTab = stagePath(of.apiId, of.stage.stageName!, 'logs');
  return (
    <Alert type="info" action={<LinkButton to={logsTab}>Logs of the stage</LinkButton>}>
      {entry
        ? 'There is no execution log of the request: the stage wrote none, or none at its level. With one, each step is told here.'
        : 'There is no access log entry of the request. With one, its latency and the time of the back end are told here.'}
    </Alert>
  );
}

function CountedIn({ counted }: { counted: Counted }) {
  const minute = useLoad((signal) => readMinute(counted, signal), [counted]);
  const rows = Object.entries(counted.values).map(([name, own]) => ({ name, own, all: minute.data?.get(name) }));
  const unit = (name: string, value: number) => (name.endsWith('Latency') ? `${value.toLocaleString('en', { maximumFractionDigits: 1 })} ms` : value.toLocaleString('en'));
  return (
    <Container header={<Header variant="h2" description={`AWS/ApiGateway, in the minute of ${formatTime(counted.minute)}, once for each of these dimensions.`}>Metrics that it counted in</Header>}>
      <SpaceBetween size="s">
        <ul className="tb-dimensions">
          {counted.dimensions.map((set) => <li key={Object.keys(set).join()}>{Object.entries(set).map(([name, value]) => `${name} = ${value}`).join(', ')}</li>)}
        </ul>
        <PlainTable
          label="Metrics"
          rows={rows}
          keyOf={(r) => r.name}
          columns={[
            { header: 'Metric', cell: (r) => r.name },
            { header: 'This request', cell: (r) => unit(r.name, r.own) },
            { header: 'The stage in that minute', cell: (r) => (r.all === undefined ? '-' : `${unit(r.name, r.all)} ${r.name.endsWith('Latency') ? 'on average' : 'in all'}`) },
          ]}
        />
        {minute.error !== undefined && <ProblemAlert error={minute.error} onRetry={() => void minute.reload()} />}
        {minute.data?.size === 0 && <Box color="text-body-secondary">The metrics of that minute are not there yet.</Box>}
      </SpaceBetween>
    </Container>
  );
}
