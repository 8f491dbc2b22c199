import type { QueryDefinition } from '@aws-sdk/client-cloudwatch-logs';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import { useNotify } from '../../app/notifications';
import { useLoad } from '../../aws/useLoad';
import { ConfirmDelete } from '../../components/ConfirmDelete';
import { Empty } from '../../components/Empty';
import { ProblemAlert } from '../../components/Problem';
import { formatTime } from '../../components/time/timeRange';
import type { Wish } from './address';
import { deleteDefinition, listDefinitions } from './definitions';

/** The saved queries of this account and region. */
export function SavedQueries({ onOpen }: { onOpen: (wish: Partial<Wish>) => void }) {
  const { data, error, loading, reload } = useLoad(listDefinitions, []);
  const [deleting, setDeleting] = useState<QueryDefinition>();
  const notify = useNotify();
  const open = (d: QueryDefinition) => onOpen({ text: d.queryString ?? '', ...(d.logGroupNames?.length && { groups: d.logGroupNames }) });
  return (
    <SpaceBetween size="m">
      <ProblemAlert error={error} onRetry={() => void reload()} />
      <Table
        items={data ?? []}
        trackBy="queryDefinitionId"
        loading={loading && !data}
        loadingText="Reading saved queries"
        wrapLines
        ariaLabels={{ tableLabel: 'Saved queries' }}
        header={<Header variant="h2" actions={<Button iconName="refresh" ariaLabel="Refresh saved queries" loading={loading} onClick={() => void reload()} />}>Saved queries</Header>}
        empty={<Empty title="No saved queries">Save keeps the query of the editor, with its log groups, for everybody.</Empty>}
        columnDefinitions={[
          { id: 'name', header: 'Name', isRowHeader: true, width: 240, cell: (d) => <Button variant="inline-link" onClick={() => open(d)}>{d.name}</Button> },
          { id: 'query', header: 'Query', cell: (d) => <pre className="insights-query">{d.queryString}</pre> },
          { id: 'groups', header: 'Log groups', width: 260, cell: (d) => d.logGroupNames?.join(', ') || '-' },
          { id: 'changed', header: 'Last modified', width: 190, cell: (d) => formatTime(d.lastModified ?? 0).slice(0, 19) },
          { id: 'do', header: 'Actions', width: 110, cell: (d) => <Button variant="inline-link" ariaLabel={`Delete ${d.name}`} onClick={() => setDeleting(d)}>Delete</Button> },
        ]}
      />
      {deleting && (
        <ConfirmDelete
          title="Delete saved query"
          onClose={() => setDeleting(undefined)}
          onDelete={async () => {
            await deleteDefinition(deleting.queryDefinitionId ?? '');
            notify.success(`Query ${deleting.name} was deleted.`);
            await reload();
          }}
        >
          Query <b>{deleting.name}</b> is gone for everybody.
        </ConfirmDelete>
      )}
    </SpaceBetween>
  );
}
