import FormField from '@cloudscape-design/components/form-field';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useMemo, useState } from 'react';
import type { Row } from '../../aws/queries';
import { BarChart } from '../../components/chart/BarChart';
import { LineChart } from '../../components/chart/LineChart';
import { PieChart } from '../../components/chart/PieChart';
import { Empty } from '../../components/Empty';
import { chartOf } from './results';

const kinds = { line: LineChart, bar: BarChart, pie: PieChart };
type Kind = keyof typeof kinds;

const mostLabels = 400; // a mark needs a few pixels

/** The rows as a chart: lines over time, bars, or a pie. */
export function Visualization({ rows }: { rows: readonly Row[] }) {
  const data = useMemo(() => chartOf(rows), [rows]);
  const [chosen, setChosen] = useState<Kind>();
  if (!data) {
    return <Empty title="Nothing to draw">{'A chart needs numbers: try "stats count(*) by bin(5m)" or "stats count(*) by status".'}</Empty>;
  }
  const kind = chosen ?? (data.times ? 'line' : 'bar');
  const Chart = kinds[kind];
  const cut = data.times || kind === 'pie' ? data : { ...data, labels: data.labels.slice(0, mostLabels) };
  const names = data.series.map((s) => s.name).join(', ');
  return (
    <SpaceBetween size="m">
      <FormField label="Chart">
        <SegmentedControl
          label="Chart"
          selectedId={kind}
          onChange={(e) => setChosen(e.detail.selectedId as Kind)}
          options={[{ id: 'line', text: 'Line' }, { id: 'bar', text: 'Bar' }, { id: 'pie', text: 'Pie' }]}
        />
      </FormField>
      <Chart {...cut} label={`${kind} chart of ${names}, ${data.labels.length} ${data.times ? 'times' : 'values'}; the same is in the table of results`} height={320} />
    </SpaceBetween>
  );
}
