import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { Empty } from '../../../components/Empty';
import { lazily } from '../../../components/lazily';
import { patchStage, type StageProps } from './stage';

const ConfirmDelete = lazily(() => import('../../../components/ConfirmDelete'), 'ConfirmDelete');
const EditCanary = lazily(() => import('./EditCanary'), 'EditCanary');
const PromoteCanary = lazily(() => import('./PromoteCanary'), 'PromoteCanary');

/** A second deployment on the stage, which a part of the requests goes to. */
export function Canary(props: StageProps) {
  const { stage } = props;
  const { canarySettings: canary } = stage;
  const [open, setOpen] = useState<'edit' | 'promote' | 'delete'>();
  const notify = useNotify();
  const close = () => setOpen(undefined);
  const remove = async () => {
    await patchStage(props, { op: 'remove', path: '/canarySettings' });
    notify.success(`The canary of stage ${stage.stageName} was deleted.`);
  };
  const buttons = canary && (
    <SpaceBetween direction="horizontal" size="xs">
      <Button onClick={() => setOpen('delete')}>Delete</Button>
      <Button onClick={() => setOpen('edit')}>Edit</Button>
      <Button variant="primary" onClick={() => setOpen('promote')}>Promote canary</Button>
    </SpaceBetween>
  );
  return (
    <Container header={<Header variant="h2" actions={buttons}>Canary</Header>}>
      {canary ? (
        <KeyValuePairs
          columns={3}
          items={[
            { label: 'Requests to the canary', value: `${canary.percentTraffic ?? 0} %` },
            { label: "Canary's deployment", value: canary.deploymentId },
            { label: "Stage's deployment", value: stage.deploymentId },
            { label: "Use the stage's cache", value: canary.useStageCache ? 'Yes' : 'No' },
            { label: 'Stage variable overrides', value: Object.entries(canary.stageVariableOverrides ?? {}).map(([name, value]) => <div key={name}>{name} = {value}</div>) },
          ]}
        />
      ) : (
        <Empty title="No canary" action={<Button onClick={() => setOpen('edit')}>Create canary</Button>}>
          With one, the next deployment is tried on a part of the requests before all get it. Deploy API can make it, too.
        </Empty>
      )}
      {open === 'edit' && <EditCanary {...props} onClose={close} />}
      {open === 'promote' && <PromoteCanary {...props} onClose={close} />}
      {open === 'delete' && (
        <ConfirmDelete title="Delete canary" onDelete={remove} onClose={close}>
          All requests go to the stage&apos;s own deployment <b>{stage.deploymentId}</b> at once.
        </ConfirmDelete>
      )}
    </Container>
  );
}
