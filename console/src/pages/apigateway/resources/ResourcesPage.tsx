import { DeleteMethodCommand, DeleteResourceCommand, type Resource, type RestApi } from '@aws-sdk/client-api-gateway';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Grid from '@cloudscape-design/components/grid';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { useLoad } from '../../../aws/useLoad';
import { Empty } from '../../../components/Empty';
import { lazily } from '../../../components/lazily';
import { Link } from '../../../components/Link';
import { ProblemAlert } from '../../../components/Problem';
import { Unloaded } from '../../../components/Unloaded';
import { ApiFrame } from '../ApiFrame';
import { listResources } from '../apis';
import { resourcesPath } from '../paths';
import { MethodView } from './MethodView';
import { ResourceTree } from './ResourceTree';

const ConfirmDelete = lazily(() => import('../../../components/ConfirmDelete'), 'ConfirmDelete');
const CreateMethod = lazily(() => import('./CreateMethod'), 'CreateMethod');
const EnableCors = lazily(() => import('./EnableCors'), 'EnableCors');
const CreateResource = lazily(() => import('./CreateResource'), 'CreateResource');

/** The resources of an API and their methods: the tree, and beside it what is chosen in it. */
export default function ResourcesPage() {
  return <ApiFrame>{(api) => <Resources api={api} />}</ApiFrame>;
}

function Resources({ api }: { api: RestApi }) {
  const apiId = api.id!;
  const [query] = useSearchParams();
  const { data, error, reload } = useLoad((signal) => listResources(apiId, signal), [apiId]);
  if (!data) {
    return <Unloaded loading="Loading resources" error={error} reload={reload} />;
  }
  const resource = data.find((r) => r.id === query.get('resource')) ?? data.find((r) => r.path === '/');
  const method = query.get('method') ?? undefined;
  return (
    <Grid gridDefinition={[{ colspan: { default: 12, xs: 4, s: 3 } }, { colspan: { default: 12, xs: 8, s: 9 } }]}>
      <Container header={<Header variant="h2">Resources</Header>}>
        <ResourceTree apiId={apiId} resources={data} resourceId={resource?.id} method={method} />
      </Container>
      <SpaceBetween size="l">
        <ProblemAlert error={error} onRetry={() => void reload()} />
        {resource && <Chosen key={`${resource.id} ${method}`} apiId={apiId} resource={resource} method={method} reload={reload} />}
      </SpaceBetween>
    </Grid>
  );
}

interface ChosenProps {
  apiId: string;
  resource: Resource;
  method?: string;
  reload: () => Promise<void>;
}

function Chosen({ apiId, resource, method, reload }: ChosenProps) {
  const found = method ? resource.resourceMethods?.[method] : undefined;
  if (method && !found) {
    return <Empty title={`${resource.path} has no method ${method}`} action={<Link to={resourcesPath(apiId, resource.id)}>To the resource</Link>} />;
  }
  return found ? (
    <MethodPanel apiId={apiId} resource={resource} method={method!} reload={reload} />
  ) : (
    <ResourcePanel apiId={apiId} resource={resource} reload={reload} />
  );
}

function MethodPanel({ apiId, resource, method, reload }: ChosenProps & { method: string }) {
  const [deleting, setDeleting] = useState(false);
  const navigate = useNavigate();
  const notify = useNotify();
  return (
    <>
      <MethodView apiId={apiId} resource={resource} httpMethod={method} reload={reload} onDelete={() => setDeleting(true)} />
      {deleting && (
        <ConfirmDelete
          title="Delete method"
          onClose={() => setDeleting(false)}
          onDelete={async () => {
            await apigateway().send(new DeleteMethodCommand({ restApiId: apiId, resourceId: resource.id, httpMethod: method }));
            notify.success(`Method ${method} ${resource.path} was deleted.`);
            await reload();
            void navigate(resourcesPath(apiId, resource.id));
          }}
        >
          Method <b>{method} {resource.path}</b> and its integration go. Stages serve it until the next deployment.
        </ConfirmDelete>
      )}
    </>
  );
}

function ResourcePanel({ apiId, resource, reload }: ChosenProps) {
  const [open, setOpen] = useState<'resource' | 'method' | 'cors' | 'delete'>();
  const navigate = useNavigate();
  const notify = useNotify();
  const close = () => setOpen(undefined);
  const methods = Object.entries(resource.resourceMethods ?? {}).sort(([a], [b]) => a.localeCompare(b));
  return (
    <>
      <SpaceBetween size="l">
        <Container
          header={
            <Header
              variant="h2"
              actions={
                <SpaceBetween direction="horizontal" size="xs">
                  <Button disabled={resource.path === '/'} onClick={() => setOpen('delete')}>Delete</Button>
                  <Button onClick={() => setOpen('cors')}>Enable CORS</Button>
                  <Button onClick={() => setOpen('resource')}>Create resource</Button>
                  <Button variant="primary" onClick={() => setOpen('method')}>Create method</Button>
                </SpaceBetween>
              }
            >
              {resource.path}
            </Header>
          }
        >
          <KeyValuePairs columns={2} items={[{ label: 'Path', value: resource.path }, { label: 'Resource ID', value: resource.id }]} />
        </Container>
        <Table
          items={methods}
          trackBy={([name]) => name}
          ariaLabels={{ tableLabel: 'Methods' }}
          header={<Header variant="h2" counter={`(${methods.length})`}>Methods</Header>}
          columnDefinitions={[
            { id: 'method', header: 'Method', isRowHeader: true, cell: ([name]) => <Link to={resourcesPath(apiId, resource.id, name)}>{name}</Link> },
            { id: 'type', header: 'Integration type', cell: ([, m]) => m.methodIntegration?.type ?? '-' },
            { id: 'uri', header: 'Endpoint', cell: ([, m]) => m.methodIntegration?.uri ?? '-' },
            { id: 'auth', header: 'Authorization', cell: ([, m]) => m.authorizationType },
            { id: 'key', header: 'API key', cell: ([, m]) => (m.apiKeyRequired ? 'Required' : 'Not required') },
          ]}
          empty={<Empty title="No methods" action={<Button onClick={() => setOpen('method')}>Create method</Button>}>A method says which requests the resource takes and what answers them.</Empty>}
        />
      </SpaceBetween>
      {open === 'resource' && (
        <CreateResource
          apiId={apiId}
          parent={resource}
          onClose={close}
          onDone={async (id) => {
            await reload();
            void navigate(resourcesPath(apiId, id));
          }}
        />
      )}
      {open === 'cors' && <EnableCors apiId={apiId} resource={resource} onDone={reload} onClose={close} />}
      {open === 'method' && (
        <CreateMethod
          apiId={apiId}
          resource={resource}
          onClose={close}
          onDone={async (name) => {
            await reload();
            void navigate(resourcesPath(apiId, resource.id, name));
          }}
        />
      )}
      {open === 'delete' && (
        <ConfirmDelete
          title="Delete resource"
          onClose={close}
          onDelete={async () => {
            await apigateway().send(new DeleteResourceCommand({ restApiId: apiId, resourceId: resource.id }));
            notify.success(`Resource ${resource.path} was deleted.`);
            await reload();
            void navigate(resourcesPath(apiId, resource.parentId));
          }}
        >
          Resource <b>{resource.path}</b>, its methods and everything below it go. Stages serve them until the next deployment.
        </ConfirmDelete>
      )}
    </>
  );
}
