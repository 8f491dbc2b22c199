// Finds what one request has left, through AWS' APIs only.
import { GetMetricDataCommand, type MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { DescribeLogGroupsCommand, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { cloudwatch } from '../../../aws/cloudwatch';
import { logs } from '../../../aws/logs';
import { listApis, listResources } from '../../apigateway/apis';
import { metricName } from '../../apigateway/metricName';
import { listStages } from '../../apigateway/methods';
import { findGroup } from '../api';
import { accessGroup, executionOf, hasMetrics, methodOf, storyOf, type Counted, type Line, type StageOfApi, type Story } from './story';

/** What is known before the search. */
export interface Hint {
  /** A time near the request, milliseconds since 1970; without it all that is kept is searched. */
  at?: number;
  /** A log group that mentions the request. */
  group?: string;
}

const unrouted = '/tollbook/unrouted'; // entries of requests that reached no stage
const around = 60 * 60_000; // milliseconds to look before and after the time known
const atOnce = 8; // questions

/** Looks for the entry first: it tells which stage's execution log to look at. Without an entry, all are looked at. */
export async function findStory(id: string, hint: Hint, signal: AbortSignal): Promise<Story> {
  const stages = await stagesOfApis(signal);
  const given = hint.group && !executionOf(hint.group) ? [hint.group] : [];
  const groups = await existing([...given, unrouted, ...stages.flatMap(({ stage }) => accessGroups(stage))], signal);
  const entries = await search(id, groups, hint.at, signal);
  const of = storyOf(id, stages, entries, []).of;
  const lines = await search(id, await executionGroups(of, signal), hint.at, signal);
  const story = storyOf(id, stages, entries, lines);
  await addMethod(story, signal);
  return story;
}

async function stagesOfApis(signal: AbortSignal): Promise<StageOfApi[]> {
  const apis = await listApis(signal);
  const found = await each(apis, async (api) => {
    const list = await listStages(api.id!, signal);
    return list.map((stage): StageOfApi => ({ apiId: api.id!, apiName: api.name ?? '', metricName: metricName(api), stage }));
  });
  return found.flat();
}

function accessGroups(stage: StageOfApi['stage']): string[] {
  const group = accessGroup(stage);
  return group === '' ? [] : stage.canarySettings ? [group, `${group}/Canary`] : [group];
}

/** The execution log groups that there are: of the stage, or of all where it is not known. */
async function executionGroups(of: StageOfApi | undefined, abortSignal: AbortSignal): Promise<string[]> {
  const logGroupNamePrefix = `API-Gateway-Execution-Logs_${of ? `${of.apiId}/${of.stage.stageName}` : ''}`;
  const names: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = await logs().send(new DescribeLogGroupsCommand({ logGroupNamePrefix, nextToken }), { abortSignal });
    names.push(...(page.logGroups ?? []).map((g) => g.logGroupName!));
    ({ nextToken } = page);
  } while (nextToken);
  return names;
}

/** The events that mention the request, oldest first. */
async function search(id: string, groups: readonly string[], at: number | undefined, signal: AbortSignal): Promise<Line[]> {
  const found = await each(groups, (group) => searchGroup(id, group, at, signal));
  return found.flat().sort((a, b) => a.timestamp - b.timestamp);
}

async function searchGroup(id: string, logGroupName: string, at: number | undefined, abortSignal: AbortSignal): Promise<Line[]> {
  const lines: Line[] = [];
  const range = at === undefined ? {} : { startTime: Math.max(at - around, 0), endTime: at + around };
  for await (const page of paginateFilterLogEvents({ client: logs() }, { logGroupName, filterPattern: `"${id}"`, ...range }, { abortSignal })) {
    for (const { logStreamName = '', timestamp = 0, eventId = '', message = '' } of page.events ?? []) {
      lines.push({ group: logGroupName, stream: logStreamName, timestamp, id: eventId, message });
    }
  }
  return lines;
}

/** Adds the dimensions of the method, if the stage has detailed metrics of it. */
async function addMethod(story: Story, signal: AbortSignal): Promise<void> {
  const asked = methodOf(story);
  if (!asked || !story.of || !story.counted) {
    return;
  }
  const { apiId, metricName: ApiName, stage } = story.of;
  const resource = (await listResources(apiId, signal)).find((r) => r.path === asked.path);
  const Method = !resource || resource.resourceMethods?.[asked.method] ? asked.method : 'ANY';
  if (hasMetrics(stage, asked.path, Method)) {
    story.counted.dimensions.push({ ApiName, Method, Resource: asked.path, Stage: stage.stageName! });
  }
}

/** What the metrics of the stage say of the whole minute: sums of counts, averages of latencies. Young minutes may be missing. */
export async function readMinute(counted: Counted, abortSignal: AbortSignal): Promise<ReadonlyMap<string, number>> {
  const names = Object.keys(counted.values);
  const Dimensions = Object.entries(counted.dimensions[1]!).map(([Name, Value]) => ({ Name, Value }));
  const MetricDataQueries = names.map((MetricName, i): MetricDataQuery => ({
    Id: `m${i}`,
    MetricStat: { Metric: { Namespace: 'AWS/ApiGateway', MetricName, Dimensions }, Period: 60, Stat: MetricName.endsWith('Latency') ? 'Average' : 'Sum' },
  }));
  const range = { StartTime: new Date(counted.minute), EndTime: new Date(counted.minute + 60_000) };
  const { MetricDataResults = [] } = await cloudwatch().send(new GetMetricDataCommand({ MetricDataQueries, ...range }), { abortSignal });
  return new Map(MetricDataResults.flatMap((r): [string, number][] => (r.Values?.[0] === undefined ? [] : [[names[Number(r.Id?.slice(1))]!, r.Values[0]]])));
}

/** The log groups that there are, each once: a stage's comes with its first entry. */
async function existing(names: readonly string[], signal: AbortSignal): Promise<string[]> {
  const found = await each([...new Set(names)], (name) => findGroup(name, signal));
  return found.flatMap((group) => group?.logGroupName ?? []);
}

/** Does work for each, some at once, and gives the results in their order. */
async function each<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < items.length; i = next++) {
      results[i] = await work(items[i]!);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return results;
}
