import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { FormModal } from '../../../components/FormModal';
import { canaryDraft, canaryPatches, canaryProblem } from './canary';
import { CanaryFields } from './CanaryFields';
import { patchStage, type StageProps } from './stage';

/** The settings of a canary; of one that is not there yet, they make it. */
export function EditCanary({ onClose, ...props }: StageProps & { onClose: () => void }) {
  const { canarySettings: canary, stageName } = props.stage;
  const [draft, setDraft] = useState(() => canaryDraft(canary));
  const notify = useNotify();
  const save = async () => {
    await patchStage(props, ...canaryPatches(canary, draft));
    notify.success(canary ? `The canary of stage ${stageName} was changed.` : `Stage ${stageName} has a canary. Deploy the API to it.`);
  };
  return (
    <FormModal title={canary ? 'Edit canary' : 'Create canary'} submitText={canary ? 'Save' : 'Create'} size="large" incomplete={canaryProblem(draft) !== undefined} onSubmit={save} onClose={onClose}>
      <CanaryFields draft={draft} onChange={(part) => setDraft((old) => ({ ...old, ...part }))} />
    </FormModal>
  );
}
