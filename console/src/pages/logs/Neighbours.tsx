import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import { useSession } from '../../aws/useSession';
import { useLoad } from '../../aws/useLoad';
import { Empty } from '../../components/Empty';
import { Link, LinkButton } from '../../components/Link';
import { Loading } from '../../components/Loading';
import { PlainTable } from '../../components/PlainTable';
import { ProblemAlert } from '../../components/Problem';
import { readPages } from './api';
import { classOf, find, type Entry } from './entry';
import { readNeighbours, sharedFields } from './neighbours';
import { entryPath, groupPath } from './paths';
import { patternFor } from './pattern';
import { formatSpan, formatTime } from '../../components/time/timeRange';

const most = 10; // each way

/** What the same address asked of the same path just before and after. */
export function Neighbours({ entry, group }: { entry: Entry; group: string }) {
  const { region } = useSession();
  const fields = sharedFields(entry);
  const pattern = patternFor(entry, fields);
  const { data, error, loading, reload } = useLoad(
    async (signal) => (pattern ? readNeighbours(entry, fields, most, readPages({ group, pattern }), signal) : undefined),
    [entry.id, group],
  );
  if (!pattern) {
    return null;
  }
  const shared = fields.map((f) => `${f} ${entry.fields.get(f)}`).join(' and ');
  const all = `${groupPath(group)}&${new URLSearchParams({ filter: pattern, at: String(entry.timestamp) }).toString()}`;
  return (
    <>
      <ProblemAlert error={error} onRetry={() => void reload()} />
      <Container
        header={
          <Header
            variant="h2"
            description={`The nearest entries with ${shared}${data ? `, looked for ${formatSpan(data.span)} before and after` : ''}.`}
            actions={<LinkButton to={all}>All of them</LinkButton>}
          >
            Neighbours in time
          </Header>
        }
      >
        {!data && loading && <Loading text="Reading neighbours" />}
        {data && data.entries.length === 0 && <Empty title="No neighbours" />}
        {data && data.entries.length > 0 && (
          <PlainTable
            label="Neighbours in time"
            rows={data.entries}
            keyOf={(e) => e.key}
            columns={[
              { header: 'Time', cell: (e) => <TimeLink here={e.id === entry.id} entry={e} to={entryPath({ group, stream: e.stream, timestamp: e.timestamp, id: e.id ?? '', region })} /> },
              { header: 'From this entry', cell: (e) => (e.id === entry.id ? <b>this entry</b> : gap(e.timestamp - entry.timestamp)) },
              { header: 'Status', cell: (e) => <Status value={find(e.fields, 'status')?.value} /> },
              { header: 'Method', cell: (e) => find(e.fields, 'method')?.value ?? '-' },
              { header: 'Latency', cell: (e) => find(e.fields, 'latency')?.value ?? '-' },
              { header: 'Request ID', cell: (e) => find(e.fields, 'requestId')?.value ?? '-' },
            ]}
          />
        )}
      </Container>
    </>
  );
}

function TimeLink({ here, entry, to }: { here: boolean; entry: Entry; to: string }) {
  return here ? <Box fontWeight="bold">{formatTime(entry.timestamp)}</Box> : <Link to={to}>{formatTime(entry.timestamp)}</Link>;
}

function Status({ value = '-' }: { value?: string }) {
  return <span className={`tb-status tb-${classOf(value)}`}>{value}</span>;
}

const gap = (ms: number) => (ms === 0 ? 'at the same time' : `${formatSpan(Math.abs(ms))} ${ms < 0 ? 'before' : 'after'}`);
