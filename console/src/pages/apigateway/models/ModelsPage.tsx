import { DeleteModelCommand, type Model } from '@aws-sdk/client-api-gateway';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { useLoad } from '../../../aws/useLoad';
import { Empty } from '../../../components/Empty';
import { lazily } from '../../../components/lazily';
import { ListTable } from '../../../components/ListTable';
import { ApiFrame } from '../ApiFrame';
import { listModels } from '../parts';

const ConfirmDelete = lazily(() => import('../../../components/ConfirmDelete'), 'ConfirmDelete');
const EditModel = lazily(() => import('./EditModel'), 'EditModel');

/** The models of an API: JSON schemas that methods name. */
export default function ModelsPage() {
  return <ApiFrame>{(api) => <Models apiId={api.id!} />}</ApiFrame>;
}

function Models({ apiId }: { apiId: string }) {
  const loaded = useLoad((signal) => listModels(apiId, signal), [apiId]);
  const [editing, setEditing] = useState<Model | 'new'>();
  const [deleting, setDeleting] = useState<Model>();
  const notify = useNotify();
  const create = <Button onClick={() => setEditing('new')}>Create model</Button>;
  return (
    <>
      <ListTable
        part
        title="Models"
        description="JSON schemas that say what a body looks like; a method with a validator refuses others."
        loaded={loaded}
        trackBy="name"
        nameOf={(m) => m.name ?? ''}
        fields={['name', 'contentType', 'description']}
        columns={[
          { id: 'name', header: 'Name', sortingField: 'name', isRowHeader: true, cell: (m) => <Button variant="inline-link" ariaLabel={`Edit model ${m.name}`} onClick={() => setEditing(m)}>{m.name}</Button> },
          { id: 'type', header: 'Content type', sortingField: 'contentType', cell: (m) => m.contentType },
          { id: 'description', header: 'Description', cell: (m) => m.description || '-' },
        ]}
        actions={(model) => (
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!model} onClick={() => setDeleting(model)}>Delete</Button>
            <Button disabled={!model} onClick={() => setEditing(model)}>Edit</Button>
            {create}
          </SpaceBetween>
        )}
        empty={<Empty title="No models" action={create}>A model is a JSON schema with a name.</Empty>}
      />
      {editing && <EditModel apiId={apiId} model={editing === 'new' ? undefined : editing} onDone={loaded.reload} onClose={() => setEditing(undefined)} />}
      {deleting && (
        <ConfirmDelete
          title="Delete model"
          onClose={() => setDeleting(undefined)}
          onDelete={async () => {
            await apigateway().send(new DeleteModelCommand({ restApiId: apiId, modelName: deleting.name }));
            notify.success(`Model ${deleting.name} was deleted.`);
            await loaded.reload();
          }}
        >
          Model <b>{deleting.name}</b> goes. Stages check with it until the next deployment.
        </ConfirmDelete>
      )}
    </>
  );
}
