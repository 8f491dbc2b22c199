import { DeleteAuthorizerCommand, type Authorizer } from '@aws-sdk/client-api-gateway';
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
import { functionName, functionOf } from '../lambda';
import { listAuthorizers } from '../parts';

const ConfirmDelete = lazily(() => import('../../../components/ConfirmDelete'), 'ConfirmDelete');
const EditAuthorizer = lazily(() => import('./EditAuthorizer'), 'EditAuthorizer');
const TestAuthorizer = lazily(() => import('./TestAuthorizer'), 'TestAuthorizer');

/** Who may call: Lambda functions and user pools that methods ask. */
export default function AuthorizersPage() {
  return <ApiFrame>{(api) => <Authorizers apiId={api.id!} />}</ApiFrame>;
}

type Open = { what: 'edit' | 'test' | 'delete'; authorizer: Authorizer } | { what: 'create' };

function Authorizers({ apiId }: { apiId: string }) {
  const loaded = useLoad((signal) => listAuthorizers(apiId, signal), [apiId]);
  const [open, setOpen] = useState<Open>();
  const notify = useNotify();
  const close = () => setOpen(undefined);
  const create = <Button onClick={() => setOpen({ what: 'create' })}>Create authorizer</Button>;
  return (
    <>
      <ListTable
        part
        title="Authorizers"
        description="A method that names one lets through only the requests that it allows."
        loaded={loaded}
        trackBy="id"
        nameOf={(a) => a.name ?? ''}
        fields={['name', 'id']}
        columns={[
          { id: 'name', header: 'Name', sortingField: 'name', isRowHeader: true, cell: (a) => <Button variant="inline-link" ariaLabel={`Edit authorizer ${a.name}`} onClick={() => setOpen({ what: 'edit', authorizer: a })}>{a.name}</Button> },
          { id: 'type', header: 'Type', sortingField: 'type', cell: (a) => typeName(a) },
          { id: 'asks', header: 'Asks', cell: asks },
          { id: 'source', header: 'Identity source', cell: (a) => a.identitySource ?? '-' },
          { id: 'ttl', header: 'Caching', cell: (a) => (a.authorizerResultTtlInSeconds === 0 ? 'Off' : `${a.authorizerResultTtlInSeconds ?? 300} s`) },
          { id: 'id', header: 'ID', cell: (a) => a.id },
        ]}
        actions={(a) => {
          const choose = (what: 'edit' | 'test' | 'delete') => a && setOpen({ what, authorizer: a });
          return (
            <SpaceBetween direction="horizontal" size="xs">
              <Button disabled={!a} onClick={() => choose('delete')}>Delete</Button>
              <Button disabled={!a} onClick={() => choose('edit')}>Edit</Button>
              <Button disabled={!a} onClick={() => choose('test')}>Test authorizer</Button>
              {create}
            </SpaceBetween>
          );
        }}
        empty={<Empty title="No authorizers" action={create}>A Lambda function or a user pool says who may call a method.</Empty>}
      />
      {open?.what === 'create' && <EditAuthorizer apiId={apiId} onDone={loaded.reload} onClose={close} />}
      {open?.what === 'edit' && <EditAuthorizer apiId={apiId} authorizer={open.authorizer} onDone={loaded.reload} onClose={close} />}
      {open?.what === 'test' && <TestAuthorizer apiId={apiId} authorizer={open.authorizer} onClose={close} />}
      {open?.what === 'delete' && (
        <ConfirmDelete
          title="Delete authorizer"
          onClose={close}
          onDelete={async () => {
            await apigateway().send(new DeleteAuthorizerCommand({ restApiId: apiId, authorizerId: open.authorizer.id }));
            notify.success(`Authorizer ${open.authorizer.name} was deleted.`);
            await loaded.reload();
          }}
        >
          Authorizer <b>{open.authorizer.name}</b> goes. Stages ask it until the next deployment.
        </ConfirmDelete>
      )}
    </>
  );
}

function typeName(a: Authorizer): string {
  return { TOKEN: 'Lambda, token', REQUEST: 'Lambda, request', COGNITO_USER_POOLS: 'Cognito user pools' }[a.type ?? 'TOKEN'];
}

function asks(a: Authorizer): string {
  const arn = functionOf(a.authorizerUri);
  return arn ? functionName(arn) : (a.providerARNs?.join(', ') ?? a.authorizerUri ?? '-');
}
