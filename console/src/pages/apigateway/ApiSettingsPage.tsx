import { UpdateRestApiCommand, type PatchOperation, type RestApi } from '@aws-sdk/client-api-gateway';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useNotify } from '../../app/notifications';
import { apigateway } from '../../aws/apigateway';
import { lazily } from '../../components/lazily';
import { ApiFrame } from './ApiFrame';

const EditApi = lazily(() => import('./EditApi'), 'EditApi');

/** What holds for an API as a whole. */
export default function ApiSettingsPage() {
  return <ApiFrame>{(api, reload) => <ApiSettings api={api} reload={reload} />}</ApiFrame>;
}

export type ApiPart = 'details' | 'keys' | 'binary' | 'compression';

function ApiSettings({ api, reload }: { api: RestApi; reload: () => Promise<void> }) {
  const [editing, setEditing] = useState<ApiPart>();
  const notify = useNotify();
  const save = async (patchOperations: PatchOperation[]) => {
    await apigateway().send(new UpdateRestApiCommand({ restApiId: api.id, patchOperations }));
    await reload();
    notify.success(`API ${api.name} was changed. Stages follow after the next deployment.`);
  };
  const edit = (part: ApiPart, label: string) => <Button ariaLabel={`Edit ${label}`} onClick={() => setEditing(part)}>Edit</Button>;
  const { endpointConfiguration: endpoint, minimumCompressionSize: size } = api;
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2" actions={edit('details', 'API details')}>API details</Header>}>
        <KeyValuePairs
          columns={3}
          items={[
            { label: 'API name', value: api.name },
            { label: 'Description', value: api.description ?? '-' },
            { label: 'API ID', value: api.id },
            { label: 'Endpoint type', value: endpoint?.types?.join(', ') ?? '-' },
            { label: 'IP address type', value: endpoint?.ipAddressType ?? '-' },
            { label: 'Default endpoint', value: api.disableExecuteApiEndpoint ? 'Inactive' : 'Active' },
            { label: 'Created', value: api.createdDate?.toLocaleString() ?? '-' },
            { label: 'Version', value: api.version ?? '-' },
          ]}
        />
      </Container>
      <Container header={<Header variant="h2" description="Where the API key of a request comes from." actions={edit('keys', 'API key source')}>API key source</Header>}>
        {api.apiKeySource === 'AUTHORIZER' ? 'Authorizer: the usageIdentifierKey of a Lambda authorizer' : 'Header: X-API-Key'}
      </Container>
      <Container header={<Header variant="h2" description="Bodies of these types are bytes; all others are text." actions={edit('binary', 'binary media types')}>Binary media types</Header>}>
        {api.binaryMediaTypes?.join(', ') || 'None: every body is text.'}
      </Container>
      <Container header={<Header variant="h2" description="Answers are compressed when the client accepts it." actions={edit('compression', 'content encoding')}>Content encoding</Header>}>
        {size === undefined ? 'Inactive' : `Active for bodies of at least ${size.toLocaleString()} bytes`}
      </Container>
      {editing && <EditApi api={api} part={editing} onSave={save} onClose={() => setEditing(undefined)} />}
    </SpaceBetween>
  );
}
