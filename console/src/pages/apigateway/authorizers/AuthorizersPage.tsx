import { DeleteAuthorizerCommand, type Authorizer } from '@aws-sdk/client-api-gateway';
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
  const { data, error, loading, reload } = useLoad((signal) => listAuthorizers(apiId, signal), [apiId]);
  const [selected, setSelected] = useState<Authorizer[]>([]);
  const [open, setOpen] = useState<Open>();
  const notify = useNotify();
  const chosen = data?.find((a) => a.id === selected[0]?.id);
  const close = () => setOpen(undefined);
  const choose = (what: 'edit' | 'test' | 'delete') => chosen && setOpen({ what, authorizer: chosen });
  const create = <Button onClick={() => setOpen({ what: 'create' })}>Create authorizer</Button>;
  return (
    <>
      <Table
        items={data ?? []}
        trackBy="id"
        loading={loading && !data}
        loadingText="Loading authorizers"
        selectionType="single"
        selectedItems={selected}
        onSelectionChange={(e) => setSelected(e.detail.selectedItems)}
        ariaLabels={{ tableLabel: 'Authorizers', selectionGroupLabel: 'Authorizer selection', itemSelectionLabel: (_, a) => `Select ${a.name}` }}
        header={
          <Header
            variant="h2"
            counter={data && `(${data.length})`}
            description="A method that names one lets through only the requests that it allows."
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button disabled={!chosen} onClick={() => choose('delete')}>Delete</Button>
                <Button disabled={!chosen} onClick={() => choose('edit')}>Edit</Button>
                <Button disabled={!chosen} onClick={() => choose('test')}>Test authorizer</Button>
                {create}
              </SpaceBetween>
            }
          >
            Authorizers
          </Header>
        }
        columnDefinitions={[
          { id: 'name', header: 'Name', isRowHeader: true, cell: (a) => <Button variant="inline-link" ariaLabel={`Edit authorizer ${a.name}`} onClick={() => setOpen({ what: 'edit', authorizer: a })}>{a.name}</Button> },
          { id: 'type', header: 'Type', cell: (a) => typeName(a) },
          { id: 'asks', header: 'Asks', cell: asks },
          { id: 'source', header: 'Identity source', cell: (a) => a.identitySource ?? '-' },
          { id: 'ttl', header: 'Caching', cell: (a) => (a.authorizerResultTtlInSeconds === 0 ? 'Off' : `${a.authorizerResultTtlInSeconds ?? 300} s`) },
          { id: 'id', header: 'ID', cell: (a) => a.id },
        ]}
        empty={error ? <ProblemAlert error={error} onRetry={() => void reload()} /> : <Empty title="No authorizers" action={create}>A Lambda function or a user pool says who may call a method.</Empty>}
      />
      {open?.what === 'create' && <EditAuthorizer apiId={apiId} onDone={reload} onClose={close} />}
      {open?.what === 'edit' && <EditAuthorizer apiId={apiId} authorizer={open.authorizer} onDone={reload} onClose={close} />}
      {open?.what === 'test' && <TestAuthorizer apiId={apiId} authorizer={open.authorizer} onClose={close} />}
      {open?.what === 'delete' && (
        <ConfirmDelete
          title="Delete authorizer"
          onClose={close}
          onDelete={async () => {
            await apigateway().send(new DeleteAuthorizerCommand({ restApiId: apiId, authorizerId: open.authorizer.id }));
            notify.success(`Authorizer ${open.authorizer.name} was deleted.`);
            setSelected([]);
            await reload();
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
