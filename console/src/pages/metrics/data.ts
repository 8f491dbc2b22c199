// Metrics over time, as charts have them: GetMetricData's sparse answers on one grid of times.
import { GetMetricDataCommand, type Dimension, type MetricDataQuery, type MetricDataResult } from '@aws-sdk/client-cloudwatch';
import { cloudwatch } from '../../aws/cloudwatch';
import type { Series } from '../../components/chart/Plot';

/** One line of a chart. */
export interface Wanted {
  name: string;
  namespace: string;
  metric: string;
  dimensions: readonly Dimension[];
  /** Sum, Average, p99, … */
  stat: string;
  /** A period without data counts as 0, as of numbers of requests; otherwise it is a gap. */
  zero?: boolean;
}

export interface MetricData {
  /** Beginnings of the periods, milliseconds since 1970. */
  times: number[];
  /** Seconds. */
  period: number;
  /** In the order of what was wanted. */
  series: Series[];
}

const periods = [60, 300, 900, 3600, 3 * 3600, 6 * 3600, 86_400]; // seconds
const mostPoints = 200;

/** The shortest period that gives a span (milliseconds) no more points than a chart can show. */
export function periodFor(span: number): number {
  return periods.find((p) => span / 1000 / p <= mostPoints) ?? Math.ceil(span / 1000 / mostPoints / 86_400) * 86_400;
}

/** The beginnings of all periods that touch a range (milliseconds, inclusive both). */
export function gridOf(start: number, end: number, period: number): number[] {
  const step = period * 1000;
  const first = Math.floor(start / step);
  return Array.from({ length: Math.floor(end / step) - first + 1 }, (_, i) => (first + i) * step);
}

/** An answer's values on the grid; what it leaves out is a gap, or 0. */
export function onGrid(times: readonly number[], result: Pick<MetricDataResult, 'Timestamps' | 'Values'> | undefined, zero = false): (number | undefined)[] {
  const found = new Map(result?.Timestamps?.map((t, i) => [t.getTime(), result.Values?.[i]]));
  return times.map((t) => found.get(t) ?? (zero ? 0 : undefined));
}

/** Reads what charts want over a range, in one question. */
export async function readMetrics(wanted: readonly Wanted[], start: number, end: number, abortSignal: AbortSignal): Promise<MetricData> {
  const period = periodFor(end - start);
  const times = gridOf(start, end, period);
  const queries = wanted.map((w, i): MetricDataQuery => ({
    Id: `m${i}`,
    MetricStat: { Metric: { Namespace: w.namespace, MetricName: w.metric, Dimensions: [...w.dimensions] }, Period: period, Stat: w.stat },
  }));
  const results = new Map<string, MetricDataResult>();
  let NextToken: string | undefined;
  do {
    const page: { MetricDataResults?: MetricDataResult[]; NextToken?: string } = await cloudwatch().send(
      new GetMetricDataCommand({ MetricDataQueries: queries, StartTime: new Date(times[0]!), EndTime: new Date(times.at(-1)! + period * 1000), NextToken }), { abortSignal },
    );
    for (const r of page.MetricDataResults ?? []) {
      const old = results.get(r.Id ?? '');
      results.set(r.Id ?? '', { ...r, Timestamps: [...(old?.Timestamps ?? []), ...(r.Timestamps ?? [])], Values: [...(old?.Values ?? []), ...(r.Values ?? [])] });
    }
    NextToken = page.NextToken;
  } while (NextToken);
  return { times, period, series: wanted.map((w, i) => ({ name: w.name, values: onGrid(times, results.get(`m${i}`), w.zero) })) };
}
