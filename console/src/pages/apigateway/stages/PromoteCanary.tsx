import Checkbox from '@cloudscape-design/components/checkbox';
import FormField from '@cloudscape-design/components/form-field';
import RadioGroup from '@cloudscape-design/components/radio-group';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { FormModal } from '../../../components/FormModal';
import { promotionPatches, type Promotion } from './canary';
import { patchStage, type StageProps } from './stage';

/** Makes what the canary has the stage's own. */
export function PromoteCanary({ onClose, ...props }: StageProps & { onClose: () => void }) {
  const { stage } = props;
  const [choice, setChoice] = useState<Promotion>({ deployment: true, variables: true, after: 'keep' });
  const change = (part: Partial<Promotion>) => setChoice((old) => ({ ...old, ...part }));
  const notify = useNotify();
  const promote = async () => {
    await patchStage(props, ...promotionPatches(choice));
    notify.success(`The canary of stage ${stage.stageName} was promoted.`);
  };
  return (
    <FormModal title="Promote canary" submitText="Promote" incomplete={!choice.deployment && !choice.variables} onSubmit={promote} onClose={onClose}>
      <Checkbox checked={choice.deployment} onChange={(e) => change({ deployment: e.detail.checked })} description={`${stage.deploymentId} becomes ${stage.canarySettings?.deploymentId}.`}>
        Update the stage with the canary&apos;s deployment
      </Checkbox>
      <Checkbox checked={choice.variables} onChange={(e) => change({ variables: e.detail.checked })} description="The overrides become the stage's own variables.">
        Update stage variables with the canary&apos;s
      </Checkbox>
      <FormField label="The canary afterwards">
        <RadioGroup
          value={choice.after}
          onChange={(e) => change({ after: e.detail.value as Promotion['after'] })}
          items={[{ value: 'keep', label: 'Stays, with 0 percent of the requests' }, { value: 'delete', label: 'Is deleted' }]}
        />
      </FormField>
    </FormModal>
  );
}
