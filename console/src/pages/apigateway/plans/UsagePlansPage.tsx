import { CreateUsagePlanCommand, type UsagePlan } from '@aws-sdk/client-api-gateway';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { TableProps } from '@cloudscape-design/components/table';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { useLoad } from '../../../aws/useLoad';
import { Empty } from '../../../components/Empty';
import { lazily } from '../../../components/lazily';
import { Link } from '../../../components/Link';
import { ListTable } from '../../../components/ListTable';
import { listPlans } from '../keys/keys';
import { usagePlanPath } from '../paths';
import { inputOf, newPlan, quotaText, rateText, type PlanDraft } from './plan';

const DeletePlan = lazily(() => import('./DeletePlan'), 'DeletePlan');
const PlanForm = lazily(() => import('./PlanForm'), 'PlanForm');

const columns: TableProps.ColumnDefinition<UsagePlan>[] = [
  { id: 'name', header: 'Name', sortingField: 'name', isRowHeader: true, cell: (p) => <Link to={usagePlanPath(p.id!)}>{p.name}</Link> },
  { id: 'id', header: 'ID', sortingField: 'id', cell: (p) => p.id },
  { id: 'stages', header: 'Stages', cell: (p) => p.apiStages?.map((s) => `${s.apiId}/${s.stage}`).join(', ') || '-' },
  { id: 'rate', header: 'Rate', cell: (p) => rateText(p.throttle) },
  { id: 'burst', header: 'Burst', cell: (p) => p.throttle?.burstLimit?.toLocaleString('en') ?? '-' },
  { id: 'quota', header: 'Quota', cell: (p) => quotaText(p.quota) },
];

/** The usage plans of the account in the region. */
export default function UsagePlansPage() {
  const loaded = useLoad((signal) => listPlans(undefined, signal), []);
  const [open, setOpen] = useState<'create' | UsagePlan>();
  const navigate = useNavigate();
  const notify = useNotify();
  const close = () => setOpen(undefined);
  const create = async (draft: PlanDraft) => {
    const { id = '' } = await apigateway().send(new CreateUsagePlanCommand(inputOf(draft)));
    notify.success(`Usage plan ${draft.name} was created. Add stages and API keys to it.`);
    await navigate(usagePlanPath(id));
  };
  const add = <Button variant="primary" onClick={() => setOpen('create')}>Create usage plan</Button>;
  return (
    <>
      <ListTable
        title="Usage plans"
        description="Who may call which stages, how fast and how often: a plan holds stages and API keys, and limits each key."
        loaded={loaded}
        columns={columns}
        trackBy="id"
        nameOf={(p) => p.name ?? ''}
        fields={['name', 'id', 'description']}
        actions={(plan) => (
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!plan} onClick={() => setOpen(plan)}>Delete</Button>
            {add}
          </SpaceBetween>
        )}
        empty={<Empty title="No usage plans" action={<Button onClick={() => setOpen('create')}>Create usage plan</Button>}>Methods that require an API key let nobody in until a plan holds their stage.</Empty>}
      />
      {open === 'create' && <PlanForm title="Create usage plan" submitText="Create usage plan" initial={newPlan} onSubmit={create} onClose={close} />}
      {typeof open === 'object' && <DeletePlan plan={open} onClose={close} onDone={() => void loaded.reload()} />}
    </>
  );
}
