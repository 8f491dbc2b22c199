import type { ApiStage } from '@aws-sdk/client-api-gateway';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { useLoad } from '../../../aws/useLoad';
import { ConfirmDelete } from '../../../components/ConfirmDelete';
import { Empty } from '../../../components/Empty';
import { lazily } from '../../../components/lazily';
import { Link } from '../../../components/Link';
import { ListTable } from '../../../components/ListTable';
import { listApis } from '../apis';
import { stagePath } from '../paths';
import { throttlesOf } from './plan';
import type { PlanProps } from './UsagePlanPage';

const AddStage = lazily(() => import('./AddStage'), 'AddStage');
const MethodThrottles = lazily(() => import('./MethodThrottles'), 'MethodThrottles');

interface Row extends ApiStage {
  id: string;
}

/** The stages that the keys of a plan open, with what the plan says of single methods. */
export function PlanStages({ plan, patch }: PlanProps) {
  const [open, setOpen] = useState<{ what: 'add' } | { what: 'throttles' | 'remove'; stage: Row }>();
  const apis = useLoad(listApis, []);
  const notify = useNotify();
  const close = () => setOpen(undefined);
  const rows = (plan.apiStages ?? []).map((s): Row => ({ ...s, id: `${s.apiId}:${s.stage}` }));
  const nameOf = (id?: string) => apis.data?.find((a) => a.id === id)?.name ?? id;
  const remove = async (stage: Row) => {
    await patch({ op: 'remove', path: '/apiStages', value: stage.id });
    notify.success(`Stage ${stage.stage} of ${nameOf(stage.apiId)} left the usage plan.`);
  };
  const add = <Button onClick={() => setOpen({ what: 'add' })}>Add stage</Button>;
  return (
    <>
      <ListTable
        part
        title="Associated stages"
        loaded={{ data: rows, error: undefined, loading: false, reload: () => patch() }}
        trackBy="id"
        nameOf={(s) => s.id}
        columns={[
          { id: 'api', header: 'API', isRowHeader: true, cell: (s) => <Link to={stagePath(s.apiId!, s.stage!)}>{nameOf(s.apiId)}</Link> },
          { id: 'stage', header: 'Stage', cell: (s) => s.stage },
          { id: 'throttles', header: 'Method throttling', cell: (s) => throttlesOf(s).map((t) => <div key={t.method}>{`${t.method}: ${t.rate} per second, burst ${t.burst}`}</div>) },
        ]}
        actions={(stage) => (
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!stage} onClick={() => stage && setOpen({ what: 'throttles', stage })}>Configure method throttling</Button>
            <Button disabled={!stage} onClick={() => stage && setOpen({ what: 'remove', stage })}>Remove</Button>
            {add}
          </SpaceBetween>
        )}
        empty={<Empty title="No stages" action={add}>The keys of the plan open nothing yet.</Empty>}
      />
      {open?.what === 'add' && <AddStage plan={plan} patch={patch} onClose={close} />}
      {open?.what === 'throttles' && <MethodThrottles stage={open.stage} patch={patch} onClose={close} />}
      {open?.what === 'remove' && (
        <ConfirmDelete title="Remove stage" onDelete={() => remove(open.stage)} onClose={close}>
          Keys of the plan no longer open stage <b>{open.stage.stage}</b> of <b>{nameOf(open.stage.apiId)}</b>.
        </ConfirmDelete>
      )}
    </>
  );
}
