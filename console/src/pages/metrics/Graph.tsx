import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useLoad } from '../../aws/useLoad';
import { Loading } from '../../components/Loading';
import { ProblemAlert } from '../../components/Problem';
import { RangePicker } from '../../components/time/RangePicker';
import { formatRange, formatSpan, resolve, type TimeRange } from '../../components/time/timeRange';
import { MetricChart } from './Chart';
import { readMetrics } from './data';
import type { Listed } from './MetricsPage';

const stats = ['Sum', 'Average', 'Minimum', 'Maximum', 'SampleCount', 'p50', 'p90', 'p95', 'p99', 'p99.9'];

/** Metrics over time, by one statistic. */
export function Graph({ metrics }: { metrics: readonly Listed[] }) {
  const [stat, setStat] = useState('Average');
  const [range, setRange] = useState<TimeRange>({ type: 'relative', amount: 3, unit: 'hour' });
  const { data, error, reload } = useLoad((signal) => {
    const { start, end } = resolve(range, Date.now());
    const wanted = metrics.map((m) => ({ name: `${m.MetricName} ${m.dimensionText}`.trim(), namespace: m.Namespace ?? '', metric: m.MetricName ?? '', dimensions: m.Dimensions ?? [], stat }));
    return readMetrics(wanted, start, end, signal);
  }, [metrics.map((m) => m.key).join('\n'), stat, formatRange(range)]);
  return (
    <SpaceBetween size="s">
      <SpaceBetween direction="horizontal" size="s">
        <FormField label="Statistic">
          <Select ariaLabel="Statistic" selectedOption={{ value: stat, label: stat }} options={stats.map((value) => ({ value, label: value }))} onChange={(e) => setStat(e.detail.selectedOption.value ?? 'Average')} />
        </FormField>
        <FormField label="Time range"><RangePicker value={range} onChange={setRange} /></FormField>
      </SpaceBetween>
      <ProblemAlert error={error} onRetry={() => void reload()} />
      {data ? <MetricChart title={`${stat} per ${formatSpan(data.period * 1000)}`} times={data.times} series={data.series} /> : !error && <Loading text="Reading the metrics" />}
    </SpaceBetween>
  );
}
