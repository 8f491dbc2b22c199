import { DeleteModelCommand, type Model } from '@aws-sdk/client-api-gateway';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { useLoad } from '../../../aws/useLoad';
import { Empty } from '../../../components/Empty';
import { lazily } from '../../../components/lazily';
import { ProblemAlert } from '../../../components/Problem';
import { ApiFrame } from '../ApiFrame';
import { listModels } from '../parts';

const ConfirmDelete = lazily(() => import('../../../components/ConfirmDelete'), 'ConfirmDelete');
const EditModel = lazily(() => import('./EditModel'), 'EditModel');

/** The models of an API: JSON schemas that methods name. */
export default function ModelsPage() {
  return <ApiFrame>{(api) => <Models apiId={api.id!} />}</ApiFrame>;
}

function Models({ apiId }: { apiId: string }) {
  const { data, error, loading, reload } = useLoad((signal) => listModels(apiId, signal), [apiId]);
  const [selected, setSelected] = useState<Model[]>([]);
  const [editing, setEditing] = useState<Model | 'new'>();
  const [deleting, setDeleting] = useState<Model>();
  const notify = useNotify();
  const create = <Button onClick={() => setEditing('new')}>Create model</Button>;
  return (
    <>
      <Table
        items={data ?? []}
        trackBy="name"
        loading={loading && !data}
        loadingText="Loading models"
        selectionType="single"
        selectedItems={selected}
        onSelectionChange={(e) => setSelected(e.detail.selectedItems)}
        ariaLabels={{ tableLabel: 'Models', selectionGroupLabel: 'Model selection', itemSelectionLabel: (_, m) => `Select ${m.name}` }}
        header={
          <Header
            variant="h2"
            counter={data && `(${data.length})`}
            description="JSON schemas that say what a body looks like; a method with a validator refuses others."
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button disabled={selected.length === 0} onClick={() => setDeleting(selected[0])}>Delete</Button>
                <Button disabled={selected.length === 0} onClick={() => setEditing(data?.find((m) => m.name === selected[0]?.name))}>Edit</Button>
                {create}
              </SpaceBetween>
            }
          >
            Models
          </Header>
        }
        columnDefinitions={[
          { id: 'name', header: 'Name', isRowHeader: true, cell: (m) => <Button variant="inline-link" ariaLabel={`Edit model ${m.name}`} onClick={() => setEditing(m)}>{m.name}</Button> },
          { id: 'type', header: 'Content type', cell: (m) => m.contentType },
          { id: 'description', header: 'Description', cell: (m) => m.description || '-' },
        ]}
        empty={error ? <ProblemAlert error={error} onRetry={() => void reload()} /> : <Empty title="No models" action={create}>A model is a JSON schema with a name.</Empty>}
      />
      {editing && <EditModel apiId={apiId} model={editing === 'new' ? undefined : editing} onDone={reload} onClose={() => setEditing(undefined)} />}
      {deleting && (
        <ConfirmDelete
          title="Delete model"
          onClose={() => setDeleting(undefined)}
          onDelete={async () => {
            await apigateway().send(new DeleteModelCommand({ restApiId: apiId, modelName: deleting.name }));
            notify.success(`Model ${deleting.name} was deleted.`);
            setSelected([]);
            await reload();
          }}
        >
          Model <b>{deleting.name}</b> goes. Stages check with it until the next deployment.
        </ConfirmDelete>
      )}
    </>
  );
}
