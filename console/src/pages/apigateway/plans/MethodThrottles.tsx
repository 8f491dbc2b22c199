import type { ApiStage } from '@aws-sdk/client-api-gateway';
import AttributeEditor from '@cloudscape-design/components/attribute-editor';
import Box from '@cloudscape-design/components/box';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { useLoad } from '../../../aws/useLoad';
import { FormModal } from '../../../components/FormModal';
import { ProblemAlert } from '../../../components/Problem';
import { deployedMethods, listStages } from '../methods';
import { throttlePatches, throttleProblem, throttlesOf, type MethodThrottle } from './plan';
import type { PlanProps } from './UsagePlanPage';

const most = 20; // of a stage in a plan

/** Limits of single methods, for each key of the plan. */
export function MethodThrottles({ stage, patch, onClose }: Pick<PlanProps, 'patch'> & { stage: ApiStage; onClose: () => void }) {
  const [rows, setRows] = useState<readonly MethodThrottle[]>(() => throttlesOf(stage));
  const methods = useLoad((signal) => methodsOf(stage, signal), [stage.apiId, stage.stage]);
  const notify = useNotify();
  const set = (index: number, change: Partial<MethodThrottle>) => setRows(rows.map((r, i) => (i === index ? { ...r, ...change } : r)));
  const options = [...new Set([...(methods.data ?? []), ...rows.map((r) => r.method)])].filter(Boolean).sort().map((value) => ({ value, label: value }));
  const problem = throttleProblem(rows);
  const save = async () => {
    await patch(...throttlePatches(stage, rows));
    notify.success('Method throttling was changed.');
  };
  return (
    <FormModal title="Configure method throttling" submitText="Save" size="large" incomplete={problem !== undefined} onSubmit={save} onClose={onClose}>
      <ProblemAlert error={methods.error} onRetry={() => void methods.reload()} />
      <AttributeEditor
        items={rows}
        definition={[
          {
            label: 'Method',
            control: (r: MethodThrottle, i) => (
              <Select
                ariaLabel={`Method ${i + 1}`}
                placeholder="Choose a method"
                statusType={methods.loading ? 'loading' : 'finished'}
                selectedOption={options.find((o) => o.value === r.method) ?? null}
                options={options}
                onChange={(e) => set(i, { method: e.detail.selectedOption.value })}
              />
            ),
          },
          { label: 'Rate', control: (r: MethodThrottle, i) => <Input ariaLabel={`Rate ${i + 1}`} value={r.rate} inputMode="decimal" onChange={(e) => set(i, { rate: e.detail.value.trim() })} /> },
          { label: 'Burst', control: (r: MethodThrottle, i) => <Input ariaLabel={`Burst ${i + 1}`} value={r.burst} inputMode="numeric" onChange={(e) => set(i, { burst: e.detail.value.trim() })} /> },
        ]}
        addButtonText="Add method"
        removeButtonText="Remove"
        removeButtonAriaLabel={(r) => `Remove ${r.method}`}
        disableAddButton={rows.length >= most}
        onAddButtonClick={() => setRows([...rows, { method: '', rate: '', burst: '' }])}
        onRemoveButtonClick={(e) => setRows(rows.filter((_, i) => i !== e.detail.itemIndex))}
        empty="Every method has the limits of the plan."
      />
      <Box color="text-status-warning">{rows.length > 0 ? problem : ''}</Box>
    </FormModal>
  );
}

/** The methods of a stage, as "/pets/GET". */
async function methodsOf({ apiId = '', stage }: ApiStage, signal: AbortSignal): Promise<string[]> {
  const found = (await listStages(apiId, signal)).find((s) => s.stageName === stage);
  const methods = await deployedMethods(apiId, found?.deploymentId, signal);
  return methods.map((m) => `${m.path === '/' ? '' : m.path}/${m.httpMethod}`);
}
