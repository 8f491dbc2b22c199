import Multiselect from '@cloudscape-design/components/multiselect';
import { problemOf } from '../../aws/errors';
import { useLoad } from '../../aws/useLoad';
import { listGroups } from '../logs/api';

interface Props {
  value: readonly string[];
  onChange: (groups: string[]) => void;
  /** How many can be chosen. */
  most: number;
  disabled?: boolean;
}

const shown = 5000;

/** Log groups by name, several of them. */
export function GroupsSelect({ value, onChange, most, disabled = false }: Props) {
  const { data, error, loading, reload } = useLoad((signal) => listGroups(shown, signal), []);
  const options = (data?.groups ?? []).map((g) => ({ value: g.logGroupName ?? '', disabled: value.length >= most && !value.includes(g.logGroupName ?? '') }));
  return (
    <Multiselect
      options={options}
      selectedOptions={value.map((name) => ({ value: name, label: name }))}
      onChange={(e) => onChange(e.detail.selectedOptions.map((o) => o.value ?? ''))}
      filteringType="auto"
      filteringPlaceholder="Find log groups"
      filteringAriaLabel="Find log groups"
      placeholder={value.length > 0 ? `${value.length} of at most ${most} log groups` : 'Choose log groups'}
      ariaLabel="Log groups"
      disabled={disabled}
      statusType={error ? 'error' : loading && !data ? 'loading' : 'finished'}
      loadingText="Reading log groups"
      errorText={error ? problemOf(error).message : undefined}
      recoveryText="Try again"
      onLoadItems={() => error !== undefined && void reload()}
      empty="There is no log group in this region"
      deselectAriaLabel={(o) => `Leave out ${o.label}`}
      tokenLimit={6}
    />
  );
}
