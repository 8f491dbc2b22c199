import { DeleteDocumentationPartCommand, GetDocumentationPartsCommand, GetDocumentationVersionsCommand, type DocumentationPart } from '@aws-sdk/client-api-gateway';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { useLoad } from '../../../aws/useLoad';
import { Empty } from '../../../components/Empty';
import { lazily } from '../../../components/lazily';
import { ListTable } from '../../../components/ListTable';
import { PlainTable } from '../../../components/PlainTable';
import { ApiFrame } from '../ApiFrame';
import { placeText, words } from './parts';

const ConfirmDelete = lazily(() => import('../../../components/ConfirmDelete'), 'ConfirmDelete');
const EditPart = lazily(() => import('./EditPart'), 'EditPart');
const PublishDocumentation = lazily(() => import('./PublishDocumentation'), 'PublishDocumentation');

/** What is said about an API for those who use it; it is exported with a stage. */
export default function DocumentationPage() {
  return <ApiFrame>{(api) => <Documentation apiId={api.id!} />}</ApiFrame>;
}

const limit = 500;

async function load(restApiId: string, abortSignal: AbortSignal) {
  const [parts, versions] = await Promise.all([
    apigateway().send(new GetDocumentationPartsCommand({ restApiId, limit }), { abortSignal }),
    apigateway().send(new GetDocumentationVersionsCommand({ restApiId, limit }), { abortSignal }),
  ]);
  return { parts: parts.items ?? [], versions: versions.items ?? [] };
}

function Documentation({ apiId }: { apiId: string }) {
  const loaded = useLoad((signal) => load(apiId, signal), [apiId]);
  const [open, setOpen] = useState<{ what: 'create' | 'publish' } | { what: 'edit' | 'delete'; part: DocumentationPart }>();
  const notify = useNotify();
  const { data, reload } = loaded;
  const close = () => setOpen(undefined);
  const create = <Button onClick={() => setOpen({ what: 'create' })}>Create documentation part</Button>;
  return (
    <SpaceBetween size="l">
      <ListTable
        part
        title="Documentation parts"
        loaded={{ ...loaded, data: data?.parts }}
        trackBy="id"
        nameOf={(p) => `${p.location?.type} ${placeText(p.location)}`}
        columns={[
          { id: 'type', header: 'Type', isRowHeader: true, cell: (p) => p.location?.type },
          { id: 'place', header: 'Place', cell: (p) => placeText(p.location) },
          { id: 'words', header: 'Description', cell: words },
        ]}
        actions={(part) => (
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!part} onClick={() => setOpen({ what: 'delete', part: part! })}>Delete</Button>
            <Button disabled={!part} onClick={() => setOpen({ what: 'edit', part: part! })}>Edit</Button>
            {create}
            <Button disabled={!data?.parts.length} onClick={() => setOpen({ what: 'publish' })}>Publish documentation</Button>
          </SpaceBetween>
        )}
        empty={<Empty title="No documentation" action={create}>A part describes the API, a resource, a method, a parameter or a response.</Empty>}
      />
      {data && data.versions.length > 0 && (
        <Container header={<Header variant="h2" counter={`(${data.versions.length})`}>Published versions</Header>}>
          <PlainTable
            label="Published versions"
            rows={data.versions}
            keyOf={(v) => v.version!}
            columns={[
              { header: 'Version', cell: (v) => v.version },
              { header: 'Created', cell: (v) => v.createdDate?.toLocaleString() ?? '-' },
              { header: 'Description', cell: (v) => v.description ?? '-' },
            ]}
          />
        </Container>
      )}
      {open?.what === 'create' && <EditPart apiId={apiId} onDone={reload} onClose={close} />}
      {open?.what === 'edit' && <EditPart apiId={apiId} part={open.part} onDone={reload} onClose={close} />}
      {open?.what === 'publish' && <PublishDocumentation apiId={apiId} onDone={reload} onClose={close} />}
      {open?.what === 'delete' && (
        <ConfirmDelete
          title="Delete documentation part"
          onClose={close}
          onDelete={async () => {
            await apigateway().send(new DeleteDocumentationPartCommand({ restApiId: apiId, documentationPartId: open.part.id }));
            notify.success('The documentation part was deleted.');
            await reload();
          }}
        >
          What is said about <b>{open.part.location?.type} {placeText(open.part.location)}</b> goes; published versions keep it.
        </ConfirmDelete>
      )}
    </SpaceBetween>
  );
}
