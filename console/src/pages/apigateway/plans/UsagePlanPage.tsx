import { GetUsagePlanCommand, UpdateUsagePlanCommand, type PatchOperation, type UsagePlan } from '@aws-sdk/client-api-gateway';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Tabs from '@cloudscape-design/components/tabs';
import { useState } from 'react';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { useLoad } from '../../../aws/useLoad';
import { Copyable } from '../../../components/Copyable';
import { base } from '../../../components/follow';
import { lazily } from '../../../components/lazily';
import { Loading } from '../../../components/Loading';
import { Unloaded } from '../../../components/Unloaded';
import { usagePlanPath, usagePlansPath } from '../paths';
import { draftOf, patchesOf, quotaText, rateText, type PlanDraft } from './plan';

const ApiTags = lazily(() => import('../ApiTags'), 'ApiTags', <Loading />);
const DeletePlan = lazily(() => import('./DeletePlan'), 'DeletePlan');
const PlanForm = lazily(() => import('./PlanForm'), 'PlanForm');
const PlanKeys = lazily(() => import('./PlanKeys'), 'PlanKeys', <Loading />);
const PlanStages = lazily(() => import('./PlanStages'), 'PlanStages', <Loading />);
const PlanUsage = lazily(() => import('./PlanUsage'), 'PlanUsage', <Loading />);

/** A plan as its tabs get it. */
export interface PlanProps {
  plan: UsagePlan;
  patch: (...ops: PatchOperation[]) => Promise<void>;
}

/** One usage plan: its limits, its stages, its keys and what they have used. */
export default function UsagePlanPage() {
  const { planId = '' } = useParams();
  const { data: plan, error, reload } = useLoad((abortSignal) => apigateway().send(new GetUsagePlanCommand({ usagePlanId: planId }), { abortSignal }), [planId]);
  if (!plan) {
    return <Unloaded loading="Loading the usage plan" error={error} reload={reload} heading={`Usage plan ${planId}`} />;
  }
  return <Plan plan={plan} reload={reload} />;
}

function Plan({ plan, reload }: { plan: UsagePlan; reload: () => Promise<void> }) {
  const [query] = useSearchParams();
  const [open, setOpen] = useState<'edit' | 'delete'>();
  const navigate = useNavigate();
  const notify = useNotify();
  const close = () => setOpen(undefined);
  const id = plan.id!;
  const patch = async (...patchOperations: PatchOperation[]) => {
    if (patchOperations.length > 0) {
      await apigateway().send(new UpdateUsagePlanCommand({ usagePlanId: id, patchOperations }));
      await reload();
    }
  };
  const save = async (draft: PlanDraft) => {
    await patch(...patchesOf(draftOf(plan), draft));
    notify.success(`Usage plan ${draft.name} was changed.`);
  };
  const tab = (name: string, label: string, content: React.ReactNode) => ({ id: name, label, content, href: base + usagePlanPath(id, name) });
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        description={plan.description}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button onClick={() => setOpen('edit')}>Edit</Button>
            <Button onClick={() => setOpen('delete')}>Delete</Button>
          </SpaceBetween>
        }
      >
        {plan.name}
      </Header>
      <Limits plan={plan} />
      <Tabs
        ariaLabel={`Usage plan ${plan.name}`}
        activeTabId={query.get('tab') ?? 'stages'}
        onChange={(e) => void navigate(usagePlanPath(id, e.detail.activeTabId), { replace: true })}
        tabs={[
          tab('stages', 'Associated stages', <PlanStages plan={plan} patch={patch} />),
          tab('keys', 'Associated API keys', <PlanKeys plan={plan} />),
          tab('usage', 'Usage', <PlanUsage plan={plan} />),
          tab('tags', 'Tags', <ApiTags path={`/usageplans/${id}`} tags={plan.tags} reload={reload} />),
        ]}
      />
      {open === 'edit' && <PlanForm title="Edit usage plan" submitText="Save" initial={draftOf(plan)} onSubmit={save} onClose={close} />}
      {open === 'delete' && <DeletePlan plan={plan} onClose={close} onDone={() => void navigate(usagePlansPath)} />}
    </SpaceBetween>
  );
}

function Limits({ plan }: { plan: UsagePlan }) {
  return (
    <Container header={<Header variant="h2" description="For each key by itself.">Limits</Header>}>
      <KeyValuePairs
        columns={4}
        items={[
          { label: 'Rate', value: rateText(plan.throttle) },
          { label: 'Burst', value: plan.throttle?.burstLimit?.toLocaleString('en') ?? '-' },
          { label: 'Quota', value: quotaText(plan.quota) },
          { label: 'Usage plan ID', value: <Copyable value={plan.id!} label="Usage plan ID" /> },
        ]}
      />
    </Container>
  );
}
