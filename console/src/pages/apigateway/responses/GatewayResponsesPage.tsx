import { DeleteGatewayResponseCommand, type GatewayResponse } from '@aws-sdk/client-api-gateway';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { useLoad } from '../../../aws/useLoad';
import { Empty } from '../../../components/Empty';
import { lazily } from '../../../components/lazily';
import { ProblemAlert } from '../../../components/Problem';
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
  const { data, error, loading, reload } = useLoad((signal) => listGatewayResponses(apiId, signal), [apiId]);
  const [selected, setSelected] = useState<GatewayResponse[]>([]);
  const [editing, setEditing] = useState<GatewayResponse>();
  const { busy, run } = useWork();
  const notify = useNotify();
  const chosen = data?.find((r) => r.responseType === selected[0]?.responseType);
  const reset = (response: GatewayResponse) =>
    void run(async () => {
      try {
        await apigateway().send(new DeleteGatewayResponseCommand({ restApiId: apiId, responseType: response.responseType }));
        notify.success(`${response.responseType} is as API Gateway makes it. Stages answer so after the next deployment.`);
        await reload();
      } catch (problem) {
        notify.error(problem, `${response.responseType} was not reset`);
      }
    });
  return (
    <>
      <Table
        items={data ?? []}
        trackBy="responseType"
        loading={loading && !data}
        loadingText="Loading gateway responses"
        selectionType="single"
        selectedItems={selected}
        onSelectionChange={(e) => setSelected(e.detail.selectedItems)}
        ariaLabels={{ tableLabel: 'Gateway responses', selectionGroupLabel: 'Gateway response selection', itemSelectionLabel: (_, r) => `Select ${r.responseType}` }}
        header={
          <Header
            variant="h2"
            counter={data && `(${data.length})`}
            description="What API Gateway answers itself, when a request does not come as far as its integration or the integration fails."
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button disabled={!chosen || chosen.defaultResponse} loading={busy} onClick={() => reset(chosen!)}>Reset to default</Button>
                <Button disabled={!chosen} onClick={() => setEditing(chosen)}>Edit</Button>
              </SpaceBetween>
            }
          >
            Gateway responses
          </Header>
        }
        columnDefinitions={[
          {
            id: 'type',
            header: 'Response type',
            isRowHeader: true,
            cell: (r) => <Button variant="inline-link" ariaLabel={`Edit ${r.responseType}`} onClick={() => setEditing(r)}>{describe(r.responseType).name}</Button>,
          },
          { id: 'code', header: 'Type', cell: (r) => r.responseType },
          { id: 'status', header: 'Status code', cell: (r) => r.statusCode ?? '-' },
          { id: 'when', header: 'When', cell: (r) => describe(r.responseType).when },
          { id: 'own', header: 'Customized', cell: (r) => (r.defaultResponse ? '-' : <StatusIndicator>Customized</StatusIndicator>) },
        ]}
        empty={error ? <ProblemAlert error={error} onRetry={() => void reload()} /> : <Empty title="No gateway responses" />}
      />
      {editing && <EditGatewayResponse apiId={apiId} response={editing} onDone={reload} onClose={() => setEditing(undefined)} />}
    </>
  );
}
