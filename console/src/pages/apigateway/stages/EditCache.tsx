import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Toggle from '@cloudscape-design/components/toggle';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { FormModal } from '../../../components/FormModal';
import { valuePatch } from '../patch';
import { CacheFields } from './CacheFields';
import { allMethods, draftOf, settingsOfAll, settingsPatches, settingsProblems } from './methodSettings';
import { patchStage, type StageProps } from './stage';

const sizes = ['0.5', '1.6', '6.1', '13.5', '28.4', '58.2', '118', '237'].map((value) => ({ value, label: `${value} GB` }));

/** Whether the stage has a cache, and what is kept in it unless a method says otherwise. */
export function EditCache({ onClose, ...props }: StageProps & { onClose: () => void }) {
  const { stage } = props;
  const saved = settingsOfAll(stage);
  const [on, setOn] = useState(stage.cacheClusterEnabled ?? false);
  const [size, setSize] = useState<string>(stage.cacheClusterSize ?? '0.5');
  const [draft, setDraft] = useState(() => draftOf(saved));
  const notify = useNotify();
  const save = async () => {
    await patchStage(
      props,
      ...valuePatch('/cacheClusterEnabled', stage.cacheClusterEnabled ?? false, on),
      ...(on ? valuePatch('/cacheClusterSize', stage.cacheClusterSize, size) : []),
      ...settingsPatches(allMethods, saved, on ? draft : { ...draft, caching: false }),
    );
    notify.success(`The cache of stage ${stage.stageName} is ${on ? 'on' : 'off'}.`);
  };
  return (
    <FormModal title="Edit cache" submitText="Save" incomplete={Object.keys(settingsProblems(draft)).length > 0} onSubmit={save} onClose={onClose}>
      <Toggle checked={on} onChange={(e) => { setOn(e.detail.checked); setDraft((old) => ({ ...old, caching: e.detail.checked })); }} description="It is there at once, and empty again after a restart.">
        Provision cache
      </Toggle>
      {on && (
        <SpaceBetween size="m">
          <FormField label="Cache capacity" constraintText="The most that responses may take of the server's memory.">
            <Select selectedOption={sizes.find((s) => s.value === size) ?? null} options={sizes} onChange={(e) => setSize(e.detail.selectedOption.value!)} />
          </FormField>
          <CacheFields draft={draft} onChange={(part) => setDraft((old) => ({ ...old, ...part }))} label="Default method-level caching" description="Of GET methods that have no override." />
        </SpaceBetween>
      )}
    </FormModal>
  );
}
