import { useCollection } from '@cloudscape-design/collection-hooks';
import { DeleteRestApiCommand, type RestApi } from '@aws-sdk/client-api-gateway';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table, { type TableProps } from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import { useState } from 'react';
import { useNotify } from '../../app/notifications';
import { apigateway } from '../../aws/apigateway';
import { useLoad } from '../../aws/useLoad';
import { ConfirmDelete } from '../../components/ConfirmDelete';
import { Empty } from '../../components/Empty';
import { Link, LinkButton } from '../../components/Link';
import { ProblemAlert } from '../../components/Problem';
import { listApis } from './apis';
import { createApiPath, resourcesPath, stagesPath } from './paths';

const columns: TableProps.ColumnDefinition<RestApi>[] = [
  { id: 'name', header: 'Name', sortingField: 'name', isRowHeader: true, cell: (a) => <Link to={resourcesPath(a.id!)}>{a.name}</Link> },
  { id: 'description', header: 'Description', sortingField: 'description', cell: (a) => a.description || '-' },
  { id: 'id', header: 'ID', sortingField: 'id', cell: (a) => a.id },
  { id: 'protocol', header: 'Protocol', cell: () => 'REST' },
  { id: 'stages', header: 'Stages', cell: (a) => <Link to={stagesPath(a.id!)} ariaLabel={`Stages of ${a.name}`}>Stages</Link> },
  { id: 'created', header: 'Created', sortingField: 'createdDate', cell: (a) => a.createdDate?.toLocaleString() ?? '-' },
];

/** Every API of the region. */
export default function ApisPage() {
  const { data, error, loading, reload } = useLoad(listApis, []);
  const [deleting, setDeleting] = useState<RestApi>();
  const { items, filterProps, collectionProps, paginationProps, filteredItemsCount, actions } = useCollection(data ?? [], {
    filtering: {
      empty: <Empty title="No APIs" action={<LinkButton to={createApiPath}>Create API</LinkButton>}>Create one of your own or start with the sample.</Empty>,
      noMatch: <Empty title="No API matches" action={<Button onClick={() => actions.setFiltering('')}>Clear search</Button>} />,
      fields: ['name', 'id', 'description'],
    },
    sorting: { defaultState: { sortingColumn: columns[0]! } },
    pagination: { pageSize: 50 },
    selection: { trackBy: 'id' },
  });
  const selected = collectionProps.selectedItems?.[0];
  return (
    <>
      <Table
        {...collectionProps}
        variant="full-page"
        stickyHeader
        wrapLines
        columnDefinitions={columns}
        items={items}
        loading={loading && !data}
        loadingText="Loading APIs"
        selectionType="single"
        ariaLabels={{ tableLabel: 'APIs', selectionGroupLabel: 'API selection', itemSelectionLabel: (_, api) => `Select ${api.name}` }}
        empty={error ? <ProblemAlert error={error} onRetry={() => void reload()} /> : collectionProps.empty}
        header={
          <Header
            variant="awsui-h1-sticky"
            counter={data && `(${data.length})`}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button iconName="refresh" ariaLabel="Refresh" loading={loading && !!data} onClick={() => void reload()} />
                <Button disabled={!selected} onClick={() => setDeleting(selected)}>Delete</Button>
                <LinkButton variant="primary" to={createApiPath}>Create API</LinkButton>
              </SpaceBetween>
            }
          >
            APIs
          </Header>
        }
        filter={
          <TextFilter
            {...filterProps}
            filteringAriaLabel="Find APIs"
            filteringPlaceholder="Find APIs"
            countText={`${filteredItemsCount} ${filteredItemsCount === 1 ? 'match' : 'matches'}`}
          />
        }
        pagination={<Pagination {...paginationProps} />}
      />
      {deleting && <DeleteApi api={deleting} onClose={() => setDeleting(undefined)} onDeleted={() => void reload()} />}
    </>
  );
}

function DeleteApi({ api, onDeleted, onClose }: { api: RestApi; onDeleted: () => void; onClose: () => void }) {
  const notify = useNotify();
  return (
    <ConfirmDelete
      title="Delete API"
      word={api.name}
      onClose={onClose}
      onDelete={async () => {
        await apigateway().send(new DeleteRestApiCommand({ restApiId: api.id }));
        notify.success(`API ${api.name} was deleted.`);
        onDeleted();
      }}
    >
      API <b>{api.name}</b> ({api.id}) is deleted with its resources, deployments and stages; requests to it are refused at once. Its
      log groups stay.
    </ConfirmDelete>
  );
}
