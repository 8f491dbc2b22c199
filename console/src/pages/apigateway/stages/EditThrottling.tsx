import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { FormModal } from '../../../components/FormModal';
import { allMethods, draftOf, settingsOfAll, settingsPatches, settingsProblems } from './methodSettings';
import { patchStage, type StageProps } from './stage';
import { ThrottleFields } from './ThrottleFields';

/** The throttling of all methods of a stage. */
export function EditThrottling({ onClose, ...props }: StageProps & { onClose: () => void }) {
  const saved = settingsOfAll(props.stage);
  const [draft, setDraft] = useState(() => draftOf(saved));
  const notify = useNotify();
  const save = async () => {
    await patchStage(props, ...settingsPatches(allMethods, saved, draft));
    notify.success(`Throttling of stage ${props.stage.stageName} was changed.`);
  };
  return (
    <FormModal title="Edit throttling" submitText="Save" incomplete={Object.keys(settingsProblems(draft)).length > 0} onSubmit={save} onClose={onClose}>
      <ThrottleFields draft={draft} onChange={(part) => setDraft((old) => ({ ...old, ...part }))} />
    </FormModal>
  );
}
