import { paginateDescribeAlarms, type MetricAlarm, type StateValue } from '@aws-sdk/client-cloudwatch';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import { cloudwatch } from '../../aws/cloudwatch';
import { useLoad } from '../../aws/useLoad';
import { Empty } from '../../components/Empty';
import { lazily } from '../../components/lazily';
import { ProblemAlert } from '../../components/Problem';
import { formatTime } from '../../components/time/timeRange';
import { conditionText } from './condition';

const AlarmHistory = lazily(() => import('./AlarmHistory'), 'AlarmHistory');

const looks: Record<StateValue, [StatusIndicatorProps.Type, string]> = {
  ALARM: ['error', 'In alarm'], OK: ['success', 'OK'], INSUFFICIENT_DATA: ['stopped', 'Insufficient data'],
};

async function listAlarms(abortSignal: AbortSignal): Promise<MetricAlarm[]> {
  const found: MetricAlarm[] = [];
  for await (const page of paginateDescribeAlarms({ client: cloudwatch() }, { MaxRecords: 100 }, { abortSignal })) {
    found.push(...(page.MetricAlarms ?? []));
  }
  const rank = { ALARM: 0, INSUFFICIENT_DATA: 1, OK: 2 };
  return found.sort((a, b) => rank[a.StateValue ?? 'OK'] - rank[b.StateValue ?? 'OK'] || (a.AlarmName ?? '').localeCompare(b.AlarmName ?? ''));
}

/** The alarms of the region, those that are in alarm first, and what happened to one. */
export default function AlarmsPage() {
  const { data, error, loading, reload } = useLoad(listAlarms, []);
  const [chosen, setChosen] = useState<string>();
  const selected = data?.find((a) => a.AlarmName === chosen);
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        description="Made with PutMetricAlarm, by the aws CLI, Terraform or any SDK."
        actions={<Button iconName="refresh" ariaLabel="Refresh alarms" loading={loading} onClick={() => void reload()} />}
      >
        Alarms
      </Header>
      <ProblemAlert error={error} onRetry={() => void reload()} />
      <Table
        items={data ?? []}
        trackBy="AlarmName"
        loading={loading && !data}
        loadingText="Reading alarms"
        wrapLines
        selectionType="single"
        selectedItems={selected ? [selected] : []}
        onSelectionChange={(e) => setChosen(e.detail.selectedItems[0]?.AlarmName)}
        ariaLabels={{ tableLabel: 'Alarms', selectionGroupLabel: 'Alarms', itemSelectionLabel: (_, a) => a.AlarmName ?? '' }}
        empty={<Empty title="No alarms">aws cloudwatch put-metric-alarm makes one, for example on 5XXError of an API.</Empty>}
        columnDefinitions={[
          { id: 'name', header: 'Name', isRowHeader: true, cell: (a) => a.AlarmName },
          { id: 'state', header: 'State', width: 180, cell: (a) => <State value={a.StateValue} /> },
          { id: 'since', header: 'Since', width: 190, cell: (a) => since(a) },
          { id: 'condition', header: 'Condition', cell: (a) => conditionText(a) },
          { id: 'reason', header: 'Reason', cell: (a) => a.StateReason ?? '-' },
        ]}
      />
      {selected && <AlarmHistory name={selected.AlarmName ?? ''} />}
    </SpaceBetween>
  );
}

function since({ StateTransitionedTimestamp: at, StateUpdatedTimestamp: updated }: MetricAlarm): string {
  const time = at ?? updated;
  return time ? formatTime(time.getTime()).slice(0, 19) : '-';
}

function State({ value = 'INSUFFICIENT_DATA' }: { value?: StateValue }) {
  const [type, text] = looks[value];
  return <StatusIndicator type={type}>{text}</StatusIndicator>;
}
