import { GetRestApiCommand, type RestApi } from '@aws-sdk/client-api-gateway';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { Fragment, useState, type ReactNode } from 'react';
import { useParams } from 'react-router';
import { apigateway } from '../../aws/apigateway';
import { useLoad } from '../../aws/useLoad';
import { lazily } from '../../components/lazily';
import { Unloaded } from '../../components/Unloaded';

const Deploy = lazily(() => import('./stages/Deploy'), 'Deploy');
const ImportInto = lazily(() => import('./openapi/ImportInto'), 'ImportInto');

/** What every page of one API has around it: the name, and the buttons that import into it and deploy it. */
export function ApiFrame({ children }: { children: (api: RestApi, reload: () => Promise<void>) => ReactNode }) {
  const { apiId = '' } = useParams();
  const { data: api, error, reload } = useLoad((abortSignal) => apigateway().send(new GetRestApiCommand({ restApiId: apiId }), { abortSignal }), [apiId]);
  const [open, setOpen] = useState<'deploy' | 'import'>();
  const [changed, setChanged] = useState(0); // times deployed or imported; what is shown is read anew after each
  if (!api) {
    return <Unloaded loading="Loading the API" error={error} reload={reload} heading={`API ${apiId}`} />;
  }
  const close = () => setOpen(undefined);
  return (
    <SpaceBetween size="m">
      <Header
        variant="h1"
        description={api.description}
        info={apiId}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button onClick={() => setOpen('import')}>Import API</Button>
            <Button onClick={() => setOpen('deploy')}>Deploy API</Button>
          </SpaceBetween>
        }
      >
        {api.name}
      </Header>
      <Fragment key={changed}>{children(api, reload)}</Fragment>
      {open === 'deploy' && <Deploy apiId={apiId} onDone={() => setChanged((n) => n + 1)} onClose={close} />}
      {open === 'import' && <ImportInto api={api} onDone={async () => { await reload(); setChanged((n) => n + 1); }} onClose={close} />}
    </SpaceBetween>
  );
}
