import { DescribeAlarmHistoryCommand } from '@aws-sdk/client-cloudwatch';
import Header from '@cloudscape-design/components/header';
import Table from '@cloudscape-design/components/table';
import { cloudwatch } from '../../aws/cloudwatch';
import { useLoad } from '../../aws/useLoad';
import { Empty } from '../../components/Empty';
import { ProblemAlert } from '../../components/Problem';
import { formatTime } from '../../components/time/timeRange';

const most = 100;

/** What happened to an alarm, the latest first. */
export function AlarmHistory({ name }: { name: string }) {
  const { data, error, loading, reload } = useLoad(
    (abortSignal) => cloudwatch().send(new DescribeAlarmHistoryCommand({ AlarmName: name, MaxRecords: most, ScanBy: 'TimestampDescending' }), { abortSignal }),
    [name],
  );
  return (
    <Table
      items={data?.AlarmHistoryItems ?? []}
      loading={loading && !data}
      loadingText="Reading the history"
      wrapLines
      ariaLabels={{ tableLabel: 'History' }}
      header={<Header variant="h2">History of {name}</Header>}
      empty={error ? <ProblemAlert error={error} onRetry={() => void reload()} /> : <Empty title="Nothing happened yet" />}
      columnDefinitions={[
        { id: 'time', header: 'Time', isRowHeader: true, width: 190, cell: (h) => (h.Timestamp ? formatTime(h.Timestamp.getTime()).slice(0, 19) : '-') },
        { id: 'type', header: 'Type', width: 200, cell: (h) => h.HistoryItemType },
        { id: 'summary', header: 'Summary', cell: (h) => h.HistorySummary },
      ]}
    />
  );
}
