import { DeleteUsagePlanCommand, UpdateUsagePlanCommand, type UsagePlan } from '@aws-sdk/client-api-gateway';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { ConfirmDelete } from '../../../components/ConfirmDelete';

/** Deletes a plan; as AWS refuses to while it holds stages, these leave it first. */
export function DeletePlan({ plan, onDone, onClose }: { plan: UsagePlan; onDone: () => void; onClose: () => void }) {
  const notify = useNotify();
  const remove = async () => {
    const stages = plan.apiStages ?? [];
    if (stages.length > 0) {
      const patchOperations = stages.map((s) => ({ op: 'remove' as const, path: '/apiStages', value: `${s.apiId}:${s.stage}` }));
      await apigateway().send(new UpdateUsagePlanCommand({ usagePlanId: plan.id, patchOperations }));
    }
    await apigateway().send(new DeleteUsagePlanCommand({ usagePlanId: plan.id }));
    notify.success(`Usage plan ${plan.name} was deleted.`);
    onDone();
  };
  return (
    <ConfirmDelete title="Delete usage plan" onDelete={remove} onClose={onClose}>
      Keys of <b>{plan.name}</b> no longer open its stages, and what they have used of it is forgotten. The keys themselves stay.
    </ConfirmDelete>
  );
}
