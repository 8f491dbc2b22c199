import type { Integration, IntegrationResponse, Method, MethodResponse, Resource } from '@aws-sdk/client-api-gateway';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Tabs from '@cloudscape-design/components/tabs';
import { useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { base } from '../../../components/follow';
import { lazily } from '../../../components/lazily';
import { Loading } from '../../../components/Loading';
import { resourcesPath } from '../paths';
import { functionName, functionOf } from '../lambda';
import type { MethodAt } from './method';
import { MethodFlow } from './MethodFlow';

const EditMethodRequest = lazily(() => import('./EditMethodRequest'), 'EditMethodRequest');
const EditIntegration = lazily(() => import('./EditIntegration'), 'EditIntegration');
const EditIntegrationResponse = lazily(() => import('./EditIntegrationResponse'), 'EditIntegrationResponse');
const DeleteResponse = lazily(() => import('./DeleteResponse'), 'DeleteResponse');
const EditMethodResponse = lazily(() => import('./EditMethodResponse'), 'EditMethodResponse');
const TestMethod = lazily(() => import('./TestMethod'), 'TestMethod', <Loading />);

interface Props {
  apiId: string;
  resource: Resource;
  httpMethod: string;
  reload: () => Promise<void>;
  onDelete: () => void;
}

/** What of a method is being changed. */
export type Editing =
  | { what: 'method' | 'integration' }
  | { what: 'method-response'; response?: MethodResponse }
  | { what: 'integration-response'; response?: IntegrationResponse }
  | { what: 'delete'; of: 'method' | 'integration'; statusCode: string };

/** A method: the way of a request through it, and a request to try it with. */
export function MethodView({ apiId, resource, httpMethod, reload, onDelete }: Props) {
  const [editing, setEditing] = useState<Editing>();
  const [query] = useSearchParams();
  const navigate = useNavigate();
  const method = resource.resourceMethods![httpMethod]!;
  const at = { restApiId: apiId, resourceId: resource.id!, httpMethod };
  const path = (tab?: string) => resourcesPath(apiId, resource.id, httpMethod, tab);
  return (
    <SpaceBetween size="m">
      <Header variant="h2" actions={<Button onClick={onDelete}>Delete method</Button>}>{`${httpMethod} ${resource.path}`}</Header>
      <Tabs
        ariaLabel={`Method ${httpMethod} ${resource.path}`}
        activeTabId={query.get('tab') ?? 'execution'}
        onChange={(e) => void navigate(path(e.detail.activeTabId), { replace: true })}
        tabs={[
          {
            id: 'execution',
            label: 'Method execution',
            href: base + path('execution'),
            content: <MethodFlow apiId={apiId} name={`${httpMethod} ${resource.path}`} method={method} endpoint={endpointName(method.methodIntegration)} onEdit={setEditing} />,
          },
          { id: 'test', label: 'Test', href: base + path('test'), content: <TestMethod at={at} resource={resource} /> },
        ]}
      />
      {editing && <Editor at={at} method={method} editing={editing} onDone={reload} onClose={() => setEditing(undefined)} />}
    </SpaceBetween>
  );
}

interface EditorProps {
  at: MethodAt;
  method: Method;
  editing: Editing;
  onDone: () => Promise<void>;
  onClose: () => void;
}

function Editor({ editing, method, ...rest }: EditorProps) {
  switch (editing.what) {
    case 'method':
      return <EditMethodRequest method={method} {...rest} />;
    case 'integration':
      return <EditIntegration method={method} {...rest} />;
    case 'integration-response':
      return <EditIntegrationResponse method={method} response={editing.response} {...rest} />;
    case 'method-response':
      return <EditMethodResponse response={editing.response} {...rest} />;
    case 'delete':
      return <DeleteResponse of={editing.of} statusCode={editing.statusCode} {...rest} />;
  }
}

function endpointName(integration: Integration | undefined): string {
  const arn = functionOf(integration?.uri);
  if (arn) {
    return `Lambda ${functionName(arn)}`;
  }
  if (!integration) {
    return 'No endpoint';
  }
  return integration.type === 'MOCK' ? 'Mock endpoint' : integration.type?.startsWith('AWS') ? 'AWS service' : 'HTTP endpoint';
}
