import { paginateGetDeployments, UpdateStageCommand, type Deployment } from '@aws-sdk/client-api-gateway';
import Button from '@cloudscape-design/components/button';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { useLoad } from '../../../aws/useLoad';
import { Empty } from '../../../components/Empty';
import { ListTable } from '../../../components/ListTable';
import { useWork } from '../../../components/useWork';
import type { StageProps } from './stage';

/** The API's deployments, newest first; the stage can be put on any of them. */
export function History({ apiId, stage, reload }: StageProps) {
  const deployments = useLoad((signal) => listDeployments(apiId, signal), [apiId, stage.deploymentId]);
  const { busy, run } = useWork();
  const notify = useNotify();
  const change = (value?: string) =>
    void run(async () => {
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
    <ListTable
      part
      title="Deployment history"
      loaded={deployments}
      trackBy="id"
      nameOf={(d) => d.id ?? ''}
      fields={['id', 'description']}
      columns={[
        { id: 'date', header: 'Date', isRowHeader: true, cell: (d) => d.createdDate?.toLocaleString() ?? '-' },
        { id: 'status', header: 'Status', cell: (d) => (d.id === stage.deploymentId ? <StatusIndicator>Active</StatusIndicator> : '-') },
        { id: 'description', header: 'Description', cell: (d) => d.description || '-' },
        { id: 'id', header: 'Deployment ID', cell: (d) => d.id },
      ]}
      actions={(d) => <Button disabled={!d || d.id === stage.deploymentId} loading={busy} onClick={() => change(d?.id)}>Change active deployment</Button>}
      empty={<Empty title="No deployments" />}
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
