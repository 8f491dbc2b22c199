import { useCollection } from '@cloudscape-design/collection-hooks';
import type { LogGroup } from '@aws-sdk/client-cloudwatch-logs';
import { DeleteLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
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
import { listGroups } from './api';
import { formatBytes } from './bytes';
import { groupPath } from './paths';
import { retentionText } from './retention';
import { formatTime } from '../../components/time/timeRange';

const ConfirmDelete = lazily(() => import('../../components/ConfirmDelete'), 'ConfirmDelete');
const CreateGroup = lazily(() => import('./CreateGroup'), 'CreateGroup');
const EditRetention = lazily(() => import('./EditRetention'), 'EditRetention');

const most = 5000; // log groups shown; a search narrows what is shown, not what is asked for

type Dialog = 'create' | 'retention' | 'delete' | null;

export default function LogGroupsPage() {
  const notify = useNotify();
  const { data, error, loading, reload } = useLoad((signal) => listGroups(most, signal), []);
  const [dialog, setDialog] = useState<Dialog>(null);
  const create = <Button onClick={() => setDialog('create')}>Create log group</Button>;
  const { items, collectionProps, filterProps, filteredItemsCount, paginationProps, actions } = useCollection(data?.groups ?? [], {
    filtering: {
      fields: ['logGroupName'],
      empty: <Empty title="No log groups" action={create}>Turning on a stage's access logs in API Gateway creates its log group; so does this button.</Empty>,
      noMatch: <Empty title="No log group has such a name" action={<Button onClick={() => actions.setFiltering('')}>Clear search</Button>} />,
    },
    sorting: { defaultState: { sortingColumn: { sortingField: 'logGroupName' } } },
    selection: { trackBy: 'logGroupName' },
    pagination: { pageSize: 50 },
  });
  const selected = collectionProps.selectedItems?.[0];
  const close = () => setDialog(null);
  const done = async (text: string) => {
    close();
    notify.success(text);
    await reload();
  };
  return (
    <SpaceBetween size="m">
      <ProblemAlert error={error} onRetry={() => void reload()} />
      <Table
        {...collectionProps}
        items={items}
        loading={loading && !data}
        loadingText="Reading log groups"
        selectionType="single"
        variant="full-page"
        stickyHeader
        columnDefinitions={columns}
        ariaLabels={{ selectionGroupLabel: 'Log groups', itemSelectionLabel: (_, g) => g.logGroupName ?? '', tableLabel: 'Log groups' }}
        header={
          <Header
            variant="awsui-h1-sticky"
            counter={data ? `(${data.groups.length.toLocaleString('en')}${data.more ? '+' : ''})` : undefined}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button iconName="refresh" ariaLabel="Refresh log groups" loading={loading} onClick={() => void reload()} />
                <Button disabled={!selected} onClick={() => setDialog('retention')}>Edit retention</Button>
                <Button disabled={!selected} onClick={() => setDialog('delete')}>Delete</Button>
                <Button variant="primary" onClick={() => setDialog('create')}>Create log group</Button>
              </SpaceBetween>
            }
          >
            Log groups
          </Header>
        }
        filter={<TextFilter {...filterProps} filteringPlaceholder="Find log groups by name" filteringAriaLabel="Find log groups" countText={`${filteredItemsCount} found`} />}
        pagination={<Pagination {...paginationProps} />}
      />
      {dialog === 'create' && <CreateGroup onClose={close} onDone={(name) => void done(`Log group ${name} created.`)} />}
      {dialog === 'retention' && selected && <EditRetention group={selected} onClose={close} onDone={() => void done(`Retention of ${selected.logGroupName} changed.`)} />}
      {dialog === 'delete' && selected && (
        <ConfirmDelete
          title="Delete log group"
          onClose={close}
          onDelete={async () => {
            await logs().send(new DeleteLogGroupCommand({ logGroupName: selected.logGroupName }));
            await done(`Log group ${selected.logGroupName} deleted.`);
          }}
        >
          <b>{selected.logGroupName}</b> and all its log streams and entries ({formatBytes(selected.storedBytes)}) are lost for good.
        </ConfirmDelete>
      )}
    </SpaceBetween>
  );
}

const columns = [
  { id: 'name', header: 'Log group', cell: (g: LogGroup) => <Link to={groupPath(g.logGroupName ?? '')}>{g.logGroupName}</Link>, sortingField: 'logGroupName', isRowHeader: true },
  { id: 'retention', header: 'Retention', cell: (g: LogGroup) => retentionText(g.retentionInDays), sortingField: 'retentionInDays' },
  { id: 'bytes', header: 'Stored bytes', cell: (g: LogGroup) => formatBytes(g.storedBytes), sortingField: 'storedBytes' },
  { id: 'filters', header: 'Metric filters', cell: (g: LogGroup) => g.metricFilterCount ?? 0, sortingField: 'metricFilterCount' },
  { id: 'created', header: 'Created', cell: (g: LogGroup) => (g.creationTime ? formatTime(g.creationTime).slice(0, 19) : '-'), sortingField: 'creationTime' },
];
