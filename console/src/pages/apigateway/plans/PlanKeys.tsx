import { DeleteUsagePlanKeyCommand, type UsagePlan, type UsagePlanKey } from '@aws-sdk/client-api-gateway';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { useLoad } from '../../../aws/useLoad';
import { ConfirmDelete } from '../../../components/ConfirmDelete';
import { Empty } from '../../../components/Empty';
import { lazily } from '../../../components/lazily';
import { Link } from '../../../components/Link';
import { ListTable } from '../../../components/ListTable';
import { listPlanKeys } from '../keys/keys';
import { KeyValue } from '../keys/KeyValue';
import { apiKeyPath } from '../paths';

const AddKey = lazily(() => import('./AddKey'), 'AddKey');

/** The keys of a plan. */
export function PlanKeys({ plan }: { plan: UsagePlan }) {
  const loaded = useLoad((signal) => listPlanKeys(plan.id!, signal), [plan.id]);
  const [open, setOpen] = useState<'add' | UsagePlanKey>();
  const notify = useNotify();
  const close = () => setOpen(undefined);
  const remove = async (key: UsagePlanKey) => {
    await apigateway().send(new DeleteUsagePlanKeyCommand({ usagePlanId: plan.id, keyId: key.id }));
    notify.success(`API key ${key.name} left the usage plan.`);
    await loaded.reload();
  };
  const add = <Button onClick={() => setOpen('add')}>Add API key</Button>;
  return (
    <>
      <ListTable
        part
        title="Associated API keys"
        loaded={loaded}
        trackBy="id"
        nameOf={(k) => k.name ?? k.id ?? ''}
        fields={['name', 'id']}
        columns={[
          { id: 'name', header: 'Name', sortingField: 'name', isRowHeader: true, cell: (k) => <Link to={apiKeyPath(k.id!)}>{k.name || k.id}</Link> },
          { id: 'id', header: 'ID', sortingField: 'id', cell: (k) => k.id },
          { id: 'value', header: 'API key', minWidth: 200, cell: (k) => <KeyValue id={k.id!} name={k.name ?? ''} /> },
        ]}
        actions={(key) => (
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!key} onClick={() => setOpen(key)}>Remove</Button>
            {add}
          </SpaceBetween>
        )}
        empty={<Empty title="No API keys" action={add}>Nobody can use the plan yet.</Empty>}
      />
      {open === 'add' && <AddKey plan={plan} present={(loaded.data ?? []).map((k) => k.id!)} onClose={close} onDone={loaded.reload} />}
      {typeof open === 'object' && (
        <ConfirmDelete title="Remove API key" onDelete={() => remove(open)} onClose={close}>
          Key <b>{open.name}</b> no longer opens the stages of the plan, and what it has used of it is forgotten. The key itself stays.
        </ConfirmDelete>
      )}
    </>
  );
}
