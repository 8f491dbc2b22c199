import { paginateGetDeployments, UpdateStageCommand, type Deployment } from '@aws-sdk/client-api-gateway';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { useLoad } from '../../../aws/useLoad';
import { Empty } from '../../../components/Empty';
import { ProblemAlert } from '../../../components/Problem';
import { useWork } from '../../../components/useWork';
import type { StageProps } from './stage';

/** The API's deployments, newest first; the stage can be put on any of them. */
export function History({ apiId, stage, reload }: StageProps) {
  const { data, error, loading, reload: again } = useLoad((signal) => listDeployments(apiId, signal), [apiId, stage.deploymentId]);
  const [selected, setSelected] = useState<Deployment[]>([]);
  const { busy, run } = useWork();
  const notify = useNotify();
  const change = () =>
    void run(async () => {
      const value = selected[0]!.id;
      try {
        await apigateway().send(
          new UpdateStageCommand({ restApiId: apiId, stageName: stage.stageName, patchOperations: [{ op: 'replace', path: '/deploymentId', value }] }),
        );
        notify.success(`Stage ${stage.stageName} now serves deployment ${value}.`);
        await reload();
      } catch (problem) {
        notify.error(problem, 'The deployment was not changed');
      }
    });
  return (
    <Table
      items={data ?? []}
      trackBy="id"
      loading={loading && !data}
      loadingText="Loading deployments"
      selectionType="single"
      selectedItems={selected}
      isItemDisabled={(d) => d.id === stage.deploymentId}
      onSelectionChange={(e) => setSelected(e.detail.selectedItems)}
      ariaLabels={{ tableLabel: 'Deployments', selectionGroupLabel: 'Deployment selection', itemSelectionLabel: (_, d) => `Select ${d.id}` }}
      header={
        <Header
          variant="h2"
          counter={data && `(${data.length})`}
          actions={<Button disabled={selected.length === 0 || selected[0]?.id === stage.deploymentId} loading={busy} onClick={change}>Change active deployment</Button>}
        >
          Deployment history
        </Header>
      }
      columnDefinitions={[
        { id: 'date', header: 'Date', isRowHeader: true, cell: (d) => d.createdDate?.toLocaleString() ?? '-' },
        { id: 'status', header: 'Status', cell: (d) => (d.id === stage.deploymentId ? <StatusIndicator>Active</StatusIndicator> : '-') },
        { id: 'description', header: 'Description', cell: (d) => d.description || '-' },
        { id: 'id', header: 'Deployment ID', cell: (d) => d.id },
      ]}
      empty={error ? <ProblemAlert error={error} onRetry={() => void again()} /> : <Empty title="No deployments" />}
    />
  );
}

async function listDeployments(restApiId: string, abortSignal: AbortSignal): Promise<Deployment[]> {
  const found: Deployment[] = [];
  for await (const page of paginateGetDeployments({ client: apigateway() }, { restApiId, limit: 500 }, { abortSignal })) {
    found.push(...(page.items ?? []));
  }
  return found.sort((a, b) => (b.createdDate?.getTime() ?? 0) - (a.createdDate?.getTime() ?? 0));
}
