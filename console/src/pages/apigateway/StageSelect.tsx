import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useLoad } from '../../aws/useLoad';
import { ProblemAlert } from '../../components/Problem';
import { listApis } from './apis';
import { listStages } from './methods';

export interface StageAt {
  apiId: string;
  stageName: string;
}

interface Props {
  value: StageAt;
  onChange: (at: StageAt) => void;
  /** In the list of stages, for none in particular. */
  anyStage?: string;
}

/** An API and one of its stages. */
export function StageSelect({ value, onChange, anyStage }: Props) {
  const apis = useLoad(listApis, []);
  const stages = useLoad((signal) => (value.apiId ? listStages(value.apiId, signal) : Promise.resolve([])), [value.apiId]);
  const apiOptions = (apis.data ?? []).map((a) => ({ value: a.id!, label: a.name, description: a.id }));
  const stageOptions = [...(anyStage === undefined ? [] : [{ value: '', label: anyStage }]), ...(stages.data ?? []).map((s) => ({ value: s.stageName!, label: s.stageName }))];
  return (
    <SpaceBetween size="m">
      <ProblemAlert error={apis.error ?? stages.error} onRetry={() => void apis.reload()} />
      <FormField label="API">
        <Select
         
          placeholder="Choose an API"
          filteringType={apiOptions.length > 10 ? 'auto' : 'none'}
          statusType={apis.loading ? 'loading' : 'finished'}
          empty="No APIs"
          selectedOption={apiOptions.find((o) => o.value === value.apiId) ?? null}
          options={apiOptions}
          onChange={(e) => onChange({ apiId: e.detail.selectedOption.value!, stageName: '' })}
        />
      </FormField>
      <FormField label="Stage">
        <Select
         
          placeholder="Choose a stage"
          disabled={!value.apiId}
          statusType={stages.loading ? 'loading' : 'finished'}
          empty="The API has no stages"
          selectedOption={stageOptions.find((o) => o.value === value.stageName) ?? null}
          options={stageOptions}
          onChange={(e) => onChange({ ...value, stageName: e.detail.selectedOption.value! })}
        />
      </FormField>
    </SpaceBetween>
  );
}
