import { DeleteStageCommand, GetStagesCommand, type Stage } from '@aws-sdk/client-api-gateway';
import Button from '@cloudscape-design/components/button';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { useLoad } from '../../../aws/useLoad';
import { ConfirmDelete } from '../../../components/ConfirmDelete';
import { Copyable } from '../../../components/Copyable';
import { Empty } from '../../../components/Empty';
import { Link } from '../../../components/Link';
import { ListTable } from '../../../components/ListTable';
import { ApiFrame } from '../ApiFrame';
import { stagePath } from '../paths';
import { invokeUrl } from './invoke';

/** The stages of an API. */
export default function StagesPage() {
  return <ApiFrame>{(api) => <Stages apiId={api.id!} />}</ApiFrame>;
}

function Stages({ apiId }: { apiId: string }) {
  const loaded = useLoad(async (abortSignal) => (await apigateway().send(new GetStagesCommand({ restApiId: apiId }), { abortSignal })).item ?? [], [apiId]);
  const [deleting, setDeleting] = useState<Stage>();
  return (
    <>
      <ListTable
        part
        title="Stages"
        loaded={loaded}
        trackBy="stageName"
        nameOf={(s) => s.stageName ?? ''}
        columns={[
          { id: 'name', header: 'Stage', sortingField: 'stageName', isRowHeader: true, cell: (s) => <Link to={stagePath(apiId, s.stageName!)}>{s.stageName}</Link> },
          { id: 'url', header: 'Invoke URL', cell: (s) => <Copyable value={invokeUrl(apiId, s.stageName!)} label="Invoke URL" /> },
          { id: 'logs', header: 'Access logs', cell: (s) => <AccessLogs stage={s} apiId={apiId} /> },
          { id: 'deployment', header: 'Deployment', cell: (s) => s.deploymentId },
          { id: 'updated', header: 'Last updated', sortingField: 'lastUpdatedDate', cell: (s) => s.lastUpdatedDate?.toLocaleString() ?? '-' },
        ]}
        actions={(stage) => <Button disabled={!stage} onClick={() => setDeleting(stage)}>Delete</Button>}
        empty={<Empty title="No stages">Deploy the API, with the button above, to a stage where clients can call it.</Empty>}
      />
      {deleting && <DeleteStage apiId={apiId} stage={deleting} onClose={() => setDeleting(undefined)} onDone={loaded.reload} />}
    </>
  );
}

function AccessLogs({ stage, apiId }: { stage: Stage; apiId: string }) {
  const on = !!stage.accessLogSettings?.destinationArn;
  return (
    <Link to={stagePath(apiId, stage.stageName!, 'logs')} ariaLabel={`${on ? 'On' : 'Off'}, logs of ${stage.stageName}`}>
      <StatusIndicator type={on ? 'success' : 'stopped'}>{on ? 'On' : 'Off'}</StatusIndicator>
    </Link>
  );
}

function DeleteStage({ apiId, stage, onClose, onDone }: { apiId: string; stage: Stage; onClose: () => void; onDone: () => Promise<void> }) {
  const notify = useNotify();
  return (
    <ConfirmDelete
      title="Delete stage"
      word={stage.stageName}
      onClose={onClose}
      onDelete={async () => {
        await apigateway().send(new DeleteStageCommand({ restApiId: apiId, stageName: stage.stageName }));
        notify.success(`Stage ${stage.stageName} was deleted.`);
        await onDone();
      }}
    >
      Stage <b>{stage.stageName}</b> and its settings go; requests to it are refused at once. Its log groups stay.
    </ConfirmDelete>
  );
}
