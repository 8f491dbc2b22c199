import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import { LineChart } from '../../components/chart/LineChart';
import type { Series } from '../../components/chart/Plot';
import { formatTime } from '../../components/time/timeRange';

interface Props {
  title: string;
  description?: string;
  times: readonly number[];
  series: readonly Series[];
  unit?: string;
}

/** Metrics over time in a box, with the latest and the greatest values in words. */
export function MetricChart({ title, description, times, series, unit }: Props) {
  const known = (s: Series) => s.values.filter((v) => v !== undefined);
  const said = series.map((s) => `${s.name} at most ${Math.max(0, ...known(s)).toLocaleString('en', { maximumFractionDigits: 2 })}${unit ? ` ${unit}` : ''}`).join(', ');
  const empty = series.every((s) => known(s).length === 0);
  return (
    <Container fitHeight header={<Header variant="h2" description={description}>{title}</Header>}>
      {empty ? (
        <Box textAlign="center" color="text-body-secondary" padding="xl">No data in this time range.</Box>
      ) : (
        <LineChart label={`${title}: ${said}`} labels={times.map((t) => formatTime(t))} times={times} series={series} unit={unit} height={220} />
      )}
    </Container>
  );
}
