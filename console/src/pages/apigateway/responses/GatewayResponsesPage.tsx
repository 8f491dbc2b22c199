import { DeleteGatewayResponseCommand, type GatewayResponse } from '@aws-sdk/client-api-gateway';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { useLoad } from '../../../aws/useLoad';
import { Empty } from '../../../components/Empty';
import { lazily } from '../../../components/lazily';
import { ListTable } from '../../../components/ListTable';
import { useWork } from '../../../components/useWork';
import { ApiFrame } from '../ApiFrame';
import { listGatewayResponses } from '../parts';
import { describe } from './types';

const EditGatewayResponse = lazily(() => import('./EditGatewayResponse'), 'EditGatewayResponse');

/** What the gateway itself answers, where no integration does. */
export default function GatewayResponsesPage() {
  return <ApiFrame>{(api) => <GatewayResponses apiId={api.id!} />}</ApiFrame>;
}

function GatewayResponses({ apiId }: { apiId: string }) {
  const loaded = useLoad((signal) => listGatewayResponses(apiId, signal), [apiId]);
  const [editing, setEditing] = useState<GatewayResponse>();
  const { busy, run } = useWork();
  const notify = useNotify();
  const reset = (response: GatewayResponse) =>
    void run(async () => {
      try {
        await apigateway().send(new DeleteGatewayResponseCommand({ restApiId: apiId, responseType: response.responseType }));
        notify.success(`${response.responseType} is as API Gateway makes it. Stages answer so after the next deployment.`);
        await loaded.reload();
      } catch (problem) {
        notify.error(problem, `${response.responseType} was not reset`);
      }
    });
  return (
    <>
      <ListTable
        part
        title="Gateway responses"
        description="What API Gateway answers itself, when a request does not come as far as its integration or the integration fails."
        loaded={loaded}
        trackBy="responseType"
        nameOf={(r) => r.responseType ?? ''}
        fields={['responseType', 'statusCode']}
        columns={[
          {
            id: 'type',
            header: 'Response type',
            isRowHeader: true,
            cell: (r) => <Button variant="inline-link" ariaLabel={`Edit ${r.responseType}`} onClick={() => setEditing(r)}>{describe(r.responseType).name}</Button>,
          },
          { id: 'code', header: 'Type', sortingField: 'responseType', cell: (r) => r.responseType },
          { id: 'status', header: 'Status code', sortingField: 'statusCode', cell: (r) => r.statusCode ?? '-' },
          { id: 'when', header: 'When', cell: (r) => describe(r.responseType).when },
          { id: 'own', header: 'Customized', sortingField: 'defaultResponse', cell: (r) => (r.defaultResponse ? '-' : <StatusIndicator>Customized</StatusIndicator>) },
        ]}
        actions={(chosen) => (
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!chosen || chosen.defaultResponse} loading={busy} onClick={() => reset(chosen!)}>Reset to default</Button>
            <Button disabled={!chosen} onClick={() => setEditing(chosen)}>Edit</Button>
          </SpaceBetween>
        )}
        empty={<Empty title="No gateway responses" />}
      />
      {editing && <EditGatewayResponse apiId={apiId} response={editing} onDone={loaded.reload} onClose={() => setEditing(undefined)} />}
    </>
  );
}
