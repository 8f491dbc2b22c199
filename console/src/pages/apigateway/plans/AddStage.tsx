import FormField from '@cloudscape-design/components/form-field';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { FormModal } from '../../../components/FormModal';
import { StageSelect } from '../StageSelect';
import type { PlanProps } from './UsagePlanPage';

/** Opens a stage to the keys of a plan. */
export function AddStage({ plan, patch, onClose }: PlanProps & { onClose: () => void }) {
  const [at, setAt] = useState({ apiId: '', stageName: '' });
  const notify = useNotify();
  const present = (plan.apiStages ?? []).some((s) => s.apiId === at.apiId && s.stage === at.stageName);
  const add = async () => {
    await patch({ op: 'add', path: '/apiStages', value: `${at.apiId}:${at.stageName}` });
    notify.success(`Stage ${at.stageName} was added to usage plan ${plan.name}.`);
  };
  return (
    <FormModal title="Add stage" submitText="Add to usage plan" incomplete={!at.stageName || present} onSubmit={add} onClose={onClose}>
      <StageSelect value={at} onChange={setAt} />
      {present && <FormField label="" errorText="The plan has this stage already.">{null}</FormField>}
    </FormModal>
  );
}
