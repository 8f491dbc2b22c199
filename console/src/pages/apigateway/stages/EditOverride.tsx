import Toggle from '@cloudscape-design/components/toggle';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { FormModal } from '../../../components/FormModal';
import type { DeployedMethod } from '../methods';
import { CacheFields } from './CacheFields';
import { LevelSelect } from './LevelSelect';
import { effectiveSettings, overridePatches, settingsProblems, type SettingsDraft } from './methodSettings';
import { patchStage, type StageProps } from './stage';
import { ThrottleFields } from './ThrottleFields';

/** The settings of one method, in place of the stage's. */
export function EditOverride({ method, onClose, ...props }: StageProps & { method: DeployedMethod; onClose: () => void }) {
  const { path, httpMethod } = method;
  const { stage } = props;
  const [draft, setDraft] = useState(() => effectiveSettings(stage, path, httpMethod));
  const notify = useNotify();
  const change = (part: Partial<SettingsDraft>) => setDraft((old) => ({ ...old, ...part }));
  const save = async () => {
    await patchStage(props, ...overridePatches(stage, path, httpMethod, draft));
    notify.success(`${httpMethod} ${path} has settings of its own on stage ${stage.stageName}.`);
  };
  return (
    <FormModal title={`Settings of ${httpMethod} ${path}`} submitText="Save" incomplete={Object.keys(settingsProblems(draft)).length > 0} onSubmit={save} onClose={onClose}>
      <LevelSelect value={draft.level} onChange={(level) => change({ level })} />
      <Toggle checked={draft.metrics} onChange={(e) => change({ metrics: e.detail.checked })}>Detailed metrics</Toggle>
      <ThrottleFields draft={draft} onChange={change} />
      <CacheFields draft={draft} onChange={change} label="Method caching" description={stage.cacheClusterEnabled ? 'In the cache of the stage.' : 'The stage has no cache, so nothing is kept until it has one.'} />
    </FormModal>
  );
}
