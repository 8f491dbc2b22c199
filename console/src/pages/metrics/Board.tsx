import type { Dimension } from '@aws-sdk/client-cloudwatch';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Grid from '@cloudscape-design/components/grid';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Toggle from '@cloudscape-design/components/toggle';
import { useEffect, useState } from 'react';
import { useLoad } from '../../aws/useLoad';
import type { Series } from '../../components/chart/Plot';
import { Loading } from '../../components/Loading';
import { ProblemAlert } from '../../components/Problem';
import { RangePicker } from '../../components/time/RangePicker';
import { formatRange, formatSpan, resolve, type TimeRange } from '../../components/time/timeRange';
import { MetricChart } from './Chart';
import { readMetrics, type MetricData, type Wanted } from './data';

const every = 10_000; // milliseconds between refreshes

const sums = [['Requests', 'Count'], ['4xx', '4XXError'], ['5xx', '5XXError']] as const;
const percentiles = ['p50', 'p90', 'p99'];

/** What the board asks for, in this order. */
function wantedOf(dimensions: readonly Dimension[]): Wanted[] {
  const of = { namespace: 'AWS/ApiGateway', dimensions };
  return [
    ...sums.map(([name, metric]): Wanted => ({ ...of, name, metric, stat: 'Sum', zero: true })),
    ...['Latency', 'IntegrationLatency'].flatMap((metric) => percentiles.map((stat): Wanted => ({ ...of, name: stat, metric, stat }))),
  ];
}

/** Requests, errors and latency of an API or one of its stages, out of the metrics that the gateway publishes. */
export function Board({ title, dimensions }: { title: string; dimensions: readonly Dimension[] }) {
  const [range, setRange] = useState<TimeRange>({ type: 'relative', amount: 1, unit: 'hour' });
  const [steady, setSteady] = useState(false);
  const { data, error, loading, reload } = useLoad((signal) => {
    const { start, end } = resolve(range, Date.now());
    return readMetrics(wantedOf(dimensions), start, end, signal);
  }, [formatRange(range), JSON.stringify(dimensions)]);
  useEffect(() => {
    if (!steady || loading) {
      return undefined;
    }
    const timer = setTimeout(() => void reload(), every);
    return () => clearTimeout(timer);
  }, [steady, loading, reload]);
  return (
    <SpaceBetween size="l">
      <Header
        variant="h2"
        description="CloudWatch metrics of the namespace AWS/ApiGateway, by the minute."
        actions={
          <SpaceBetween direction="horizontal" size="xs" alignItems="center">
            <Toggle checked={steady} onChange={(e) => setSteady(e.detail.checked)}>Every 10 s</Toggle>
            <RangePicker value={range} onChange={setRange} />
            <Button iconName="refresh" ariaLabel="Refresh metrics" loading={loading} onClick={() => void reload()} />
          </SpaceBetween>
        }
      >
        {title}
      </Header>
      <ProblemAlert error={error} onRetry={() => void reload()} />
      {data ? <Charts data={data} /> : !error && <Loading text="Reading metrics" />}
    </SpaceBetween>
  );
}

function Charts({ data: { times, period, series } }: { data: MetricData }) {
  const [requests, client, server, ...latency] = series as [Series, Series, Series, ...Series[]];
  const per = `per ${formatSpan(period * 1000)}`;
  const chart = { times };
  return (
    <SpaceBetween size="l">
      <Totals requests={requests} client={client} server={server} p99={latency[2]!} />
      <Grid gridDefinition={Array.from({ length: 4 }, () => ({ colspan: { default: 12, m: 6 } }))}>
        <MetricChart {...chart} title="Requests" description={per} series={[requests]} />
        <MetricChart {...chart} title="Errors" description={per} series={[client, server]} />
        <MetricChart {...chart} title="Latency" description="As measured at the gateway" series={latency.slice(0, 3)} unit="ms" />
        <MetricChart {...chart} title="Integration latency" description="Of the service behind" series={latency.slice(3)} unit="ms" />
      </Grid>
    </SpaceBetween>
  );
}

function Totals({ requests, client, server, p99 }: Record<'requests' | 'client' | 'server' | 'p99', Series>) {
  const sum = (s: Series) => s.values.reduce<number>((all, v) => all + (v ?? 0), 0);
  const all = sum(requests);
  const share = (s: Series) => `${sum(s).toLocaleString('en')}${all > 0 ? ` (${((sum(s) / all) * 100).toFixed(1)} %)` : ''}`;
  const worst = Math.max(...p99.values.map((v) => v ?? -1));
  return (
    <Container>
      <div role="group" aria-label="Totals">
        <KeyValuePairs
          columns={4}
          items={[
            { label: 'Requests', value: all.toLocaleString('en') },
            { label: '4xx', value: share(client) },
            { label: '5xx', value: share(server) },
            { label: 'Highest p99 of latency', value: worst >= 0 ? `${worst.toLocaleString('en', { maximumFractionDigits: 1 })} ms` : '-' },
          ]}
        />
      </div>
    </Container>
  );
}
