import { DeleteRestApiCommand, type RestApi } from '@aws-sdk/client-api-gateway';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { TableProps } from '@cloudscape-design/components/table';
import { useState } from 'react';
import { useNotify } from '../../app/notifications';
import { apigateway } from '../../aws/apigateway';
import { useLoad } from '../../aws/useLoad';
import { Empty } from '../../components/Empty';
import { lazily } from '../../components/lazily';
import { Link, LinkButton } from '../../components/Link';
import { ListTable } from '../../components/ListTable';
import { listApis } from './apis';
import { createApiPath, resourcesPath, stagesPath } from './paths';

const ConfirmDelete = lazily(() => import('../../components/ConfirmDelete'), 'ConfirmDelete');

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
  const loaded = useLoad(listApis, []);
  const [deleting, setDeleting] = useState<RestApi>();
  return (
    <>
      <ListTable
        title="APIs"
        loaded={loaded}
        columns={columns}
        trackBy="id"
        nameOf={(api) => api.name ?? ''}
        fields={['name', 'id', 'description']}
        actions={(api) => (
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!api} onClick={() => setDeleting(api)}>Delete</Button>
            <LinkButton variant="primary" to={createApiPath}>Create API</LinkButton>
          </SpaceBetween>
        )}
        empty={<Empty title="No APIs" action={<LinkButton to={createApiPath}>Create API</LinkButton>}>Create one of your own or start with the sample.</Empty>}
      />
      {deleting && <DeleteApi api={deleting} onClose={() => setDeleting(undefined)} onDeleted={() => void loaded.reload()} />}
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
