import { GetRestApiCommand, type RestApi } from '@aws-sdk/client-api-gateway';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Tabs from '@cloudscape-design/components/tabs';
import { Fragment, useState, type ReactNode } from 'react';
import { useNavigate, useParams } from 'react-router';
import { apigateway } from '../../aws/apigateway';
import { useLoad } from '../../aws/useLoad';
import { base } from '../../components/follow';
import { lazily } from '../../components/lazily';
import { Loading } from '../../components/Loading';
import { ProblemAlert } from '../../components/Problem';
import { apiDashboardPath, apiTagsPath, resourcesPath, stagesPath } from './paths';

const Deploy = lazily(() => import('./stages/Deploy'), 'Deploy');

/** What every page of one API has around it: the name, the way to its parts, and the button that deploys. */
export function ApiFrame({ part, children }: { part: 'resources' | 'stages' | 'dashboard' | 'tags'; children: (api: RestApi, reload: () => Promise<void>) => ReactNode }) {
  const { apiId = '' } = useParams();
  const { data: api, error, reload } = useLoad((abortSignal) => apigateway().send(new GetRestApiCommand({ restApiId: apiId }), { abortSignal }), [apiId]);
  const [deploying, setDeploying] = useState(false);
  const [deployed, setDeployed] = useState(0); // times; what is shown is read anew after each
  const navigate = useNavigate();
  if (!api) {
    return error ? <ProblemAlert error={error} onRetry={() => void reload()} /> : <Loading text="Loading the API" />;
  }
  const paths = { resources: resourcesPath(apiId), stages: stagesPath(apiId), dashboard: apiDashboardPath(apiId), tags: apiTagsPath(apiId) };
  const tab = (id: keyof typeof paths, label: string) => ({ id, label, href: base + paths[id], content: id === part && <Fragment key={deployed}>{children(api, reload)}</Fragment> });
  return (
    <SpaceBetween size="m">
      <Header variant="h1" description={api.description} info={apiId} actions={<Button onClick={() => setDeploying(true)}>Deploy API</Button>}>
        {api.name}
      </Header>
      <Tabs
        ariaLabel={`Parts of ${api.name}`}
        activeTabId={part}
        onChange={(e) => void navigate(paths[e.detail.activeTabId as keyof typeof paths])}
        tabs={[tab('resources', 'Resources'), tab('stages', 'Stages'), tab('dashboard', 'Dashboard'), tab('tags', 'Tags')]}
      />
      {deploying && <Deploy apiId={apiId} onDone={() => setDeployed((n) => n + 1)} onClose={() => setDeploying(false)} />}
    </SpaceBetween>
  );
}
