import { CreateLogStreamCommand, DeleteLogStreamCommand, type LogStream } from '@aws-sdk/client-cloudwatch-logs';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import { useState } from 'react';
import { useNotify } from '../../app/notifications';
import { logs } from '../../aws/logs';
import { useLoad } from '../../aws/useLoad';
import { Empty } from '../../components/Empty';
import { lazily } from '../../components/lazily';
import { Link } from '../../components/Link';
import { ProblemAlert } from '../../components/Problem';
import { listStreams } from './api';
import { streamPath } from './paths';
import { formatTime } from '../../components/time/timeRange';

const ConfirmDelete = lazily(() => import('../../components/ConfirmDelete'), 'ConfirmDelete');
const CreateStream = lazily(() => import('./CreateStream'), 'CreateStream');

/** The log streams of a group, the one with the latest event first. */
export function StreamsTable({ group }: { group: string }) {
  const notify = useNotify();
  const [prefix, setPrefix] = useState('');
  const [text, setText] = useState('');
  const [tokens, setTokens] = useState<(string | undefined)[]>([undefined]); // of the pages seen so far
  const [index, setIndex] = useState(0);
  const [selected, setSelected] = useState<LogStream[]>([]);
  const [deleting, setDeleting] = useState(false);
  const [creating, setCreating] = useState(false);
  const { data, error, loading, reload } = useLoad((signal) => listStreams(group, prefix, tokens[index], signal), [group, prefix, index]);
  const search = (value: string) => {
    setPrefix(value);
    setTokens([undefined]);
    setIndex(0);
  };
  const turnTo = (page: number) => {
    const next = page - 1;
    if (next >= tokens.length && data?.nextToken) {
      setTokens([...tokens, data.nextToken]);
    }
    setIndex(next);
  };
  const victim = selected[0]?.logStreamName;
  return (
    <SpaceBetween size="m">
      <ProblemAlert error={error} onRetry={() => void reload()} />
      <Table
        items={data?.streams ?? []}
        loading={loading && !data}
        loadingText="Reading log streams"
        trackBy="logStreamName"
        selectionType="single"
        selectedItems={selected}
        onSelectionChange={(e) => setSelected(e.detail.selectedItems)}
        columnDefinitions={[
          { id: 'name', header: 'Log stream', isRowHeader: true, cell: (s) => <Link to={streamPath(group, s.logStreamName ?? '')}>{s.logStreamName}</Link> },
          { id: 'last', header: 'Last event time', cell: (s) => time(s.lastEventTimestamp) },
          { id: 'first', header: 'First event time', cell: (s) => time(s.firstEventTimestamp) },
          { id: 'ingested', header: 'Last ingestion time', cell: (s) => time(s.lastIngestionTime) },
        ]}
        ariaLabels={{ selectionGroupLabel: 'Log streams', itemSelectionLabel: (_, s) => s.logStreamName ?? '', tableLabel: 'Log streams' }}
        header={
          <Header
            description={prefix ? 'By name, as a search is.' : 'By last event time, the latest first.'}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button iconName="refresh" ariaLabel="Refresh log streams" loading={loading} onClick={() => void reload()} />
                <Button disabled={!victim} onClick={() => setDeleting(true)}>Delete</Button>
                <Button variant="primary" onClick={() => setCreating(true)}>Create log stream</Button>
              </SpaceBetween>
            }
          >
            Log streams
          </Header>
        }
        filter={
          <TextFilter
            filteringText={text}
            filteringPlaceholder="Find log streams by the beginning of their name"
            filteringAriaLabel="Find log streams"
            onChange={(e) => setText(e.detail.filteringText)}
            onDelayedChange={(e) => search(e.detail.filteringText)}
          />
        }
        pagination={
          <Pagination
            currentPageIndex={index + 1}
            pagesCount={Math.max(tokens.length, data?.nextToken ? index + 2 : index + 1)}
            openEnd={data?.nextToken !== undefined}
            onChange={(e) => turnTo(e.detail.currentPageIndex)}
          />
        }
        empty={
          <Empty title={prefix ? 'No log stream begins so' : 'No log streams yet'}>
            {prefix ? '' : 'A stream appears with the first entry that is written to it: send a request through the API.'}
          </Empty>
        }
      />
      {creating && (
        <CreateStream
          onClose={() => setCreating(false)}
          onCreate={async (name) => {
            await logs().send(new CreateLogStreamCommand({ logGroupName: group, logStreamName: name }));
            notify.success(`Log stream ${name} created.`);
            await reload();
          }}
        />
      )}
      {deleting && victim && (
        <ConfirmDelete
          title="Delete log stream"
          onClose={() => setDeleting(false)}
          onDelete={async () => {
            await logs().send(new DeleteLogStreamCommand({ logGroupName: group, logStreamName: victim }));
            setSelected([]);
            notify.success(`Log stream ${victim} deleted.`);
            await reload();
          }}
        >
          <b>{victim}</b> and all its entries are lost for good.
        </ConfirmDelete>
      )}
    </SpaceBetween>
  );
}

function time(timestamp: number | undefined) {
  return timestamp === undefined ? <Box color="text-body-secondary">None yet</Box> : formatTime(timestamp);
}
