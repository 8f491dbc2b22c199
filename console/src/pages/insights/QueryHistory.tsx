import { DescribeQueriesCommand, type QueryInfo } from '@aws-sdk/client-cloudwatch-logs';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { logs } from '../../aws/logs';
import { useLoad } from '../../aws/useLoad';
import { Empty } from '../../components/Empty';
import { ProblemAlert } from '../../components/Problem';
import { formatSpan, formatTime } from '../../components/time/timeRange';
import { fromHistory, type Wish } from './address';

interface Props {
  /** Puts the query into the editor. */
  onOpen: (wish: Wish) => void;
  /** Shows the rows that it found then. */
  onShow: (queryId: string) => void;
}

const most = 100; // queries listed, the latest

/** The queries of everybody in this account and region, the latest first, as long as the server keeps them. */
export function QueryHistory({ onOpen, onShow }: Props) {
  const { data, error, loading, reload } = useLoad((abortSignal) => logs().send(new DescribeQueriesCommand({ maxResults: most }), { abortSignal }), []);
  const queries = [...(data?.queries ?? [])].sort((a, b) => (b.createTime ?? 0) - (a.createTime ?? 0));
  return (
    <SpaceBetween size="m">
      <ProblemAlert error={error} onRetry={() => void reload()} />
      <Table
        items={queries}
        trackBy="queryId"
        loading={loading && !data}
        loadingText="Reading the history"
        variant="container"
        wrapLines
        ariaLabels={{ tableLabel: 'History' }}
        header={<Header variant="h2" actions={<Button iconName="refresh" ariaLabel="Refresh the history" loading={loading} onClick={() => void reload()} />}>History</Header>}
        empty={<Empty title="No queries yet">What is asked here and by any SDK is listed here.</Empty>}
        columnDefinitions={[
          { id: 'time', header: 'Asked at', width: 190, isRowHeader: true, cell: (q) => formatTime(q.createTime ?? 0).slice(0, 19) },
          { id: 'query', header: 'Query', cell: (q) => <pre className="insights-query">{fromHistory(q.queryString ?? '').text}</pre> },
          { id: 'groups', header: 'Log groups', width: 260, cell: (q) => fromHistory(q.queryString ?? '').groups.join(', ') || q.logGroupName || '-' },
          { id: 'status', header: 'Status', width: 110, cell: (q) => q.status },
          { id: 'took', header: 'Took', width: 90, cell: (q) => (q.queryDuration === undefined ? '-' : formatSpan(q.queryDuration)) },
          { id: 'do', header: 'Actions', width: 190, cell: (q) => <Actions query={q} onOpen={onOpen} onShow={onShow} /> },
        ]}
      />
    </SpaceBetween>
  );
}

function Actions({ query, onOpen, onShow }: Props & { query: QueryInfo }) {
  const at = formatTime(query.createTime ?? 0).slice(0, 19);
  return (
    <SpaceBetween direction="horizontal" size="s">
      <Button variant="inline-link" ariaLabel={`Edit the query of ${at}`} onClick={() => onOpen(fromHistory(query.queryString ?? ''))}>Edit</Button>
      {query.status === 'Complete' && <Button variant="inline-link" ariaLabel={`Results of the query of ${at}`} onClick={() => onShow(query.queryId ?? '')}>Results</Button>}
    </SpaceBetween>
  );
}
