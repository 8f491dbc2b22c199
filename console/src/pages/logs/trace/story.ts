// All that one request has left, in one timeline: its access log entry, the lines of its execution log, and the metrics
// that it counted in. `tollbook trace` tells the same. Pure; search.ts finds the events.
import type { Stage } from '@aws-sdk/client-api-gateway';
import { groupOfArn } from '../../../aws/arn';
import { kindOf } from '../../apigateway/accesslog/render';
import { tokenize } from '../../apigateway/accesslog/tokens';
import { canonicalKey } from '../../apigateway/methods';
import { find, parseMessage, type Meaning } from '../entry';

/** A log event. */
export interface Line {
  group: string;
  stream: string;
  /** Milliseconds since 1970. */
  timestamp: number;
  id: string;
  message: string;
}

/** A stage with what is needed of its API. */
export interface StageOfApi {
  apiId: string;
  /** ApiName of the API's metrics. */
  metricName: string;
  apiName: string;
  stage: Stage;
}

/** One thing that happened. */
export interface Happening {
  timestamp: number;
  /** Milliseconds since the request arrived. */
  after: number;
  source: 'access' | 'execution';
  text: string;
}

/** Where the request's time went, in milliseconds. */
export interface Timing {
  total: number;
  backEnd: number;
  /** Before the back end was asked; undefined where no execution log says. */
  before?: number;
}

export interface Story {
  id: string;
  of?: StageOfApi;
  /** What the entry says, by the names of $context variables. */
  values: ReadonlyMap<string, string>;
  entry?: Line;
  execution: Line[];
  timeline: Happening[];
  timing?: Timing;
  counted?: Counted;
}

export interface Counted {
  /** The beginning of the minute, milliseconds since 1970. */
  minute: number;
  /** One set for the API, one for the stage, and one for the method if the stage has detailed metrics of it. */
  dimensions: Record<string, string>[];
  /** By the metrics' names. */
  values: Record<string, number>;
}

const executionPrefix = 'API-Gateway-Execution-Logs_';

/** The API and stage that an execution log group is of. */
export function executionOf(group: string): { apiId: string; stageName: string } | undefined {
  const [, apiId = '', stageName = ''] = new RegExp(`^${executionPrefix}([^/]+)/(.+?)(/Canary)?$`).exec(group) ?? [];
  return apiId ? { apiId, stageName } : undefined;
}

/** The log group of a stage's access logs; empty if it has none. */
export function accessGroup({ accessLogSettings }: Stage): string {
  return groupOfArn(accessLogSettings?.destinationArn ?? '');
}

/**
 * Makes the story of events that mention the request, given oldest first.
 * @param entries from access log groups
 * @param lines from execution log groups
 */
export function storyOf(id: string, stages: readonly StageOfApi[], entries: readonly Line[], lines: readonly Line[]): Story {
  const { entry, values, of } = findEntry(id, stages, entries);
  const own = lines.filter((l) => l.message.startsWith(`(${id}) `));
  const first = own[0] && executionOf(own[0].group);
  const at = of ? { apiId: of.apiId, stageName: of.stage.stageName } : first;
  const execution = own.filter((l) => {
    const there = executionOf(l.group);
    return there?.apiId === at?.apiId && there?.stageName === at?.stageName;
  });
  const story: Story = {
    id, values, entry, execution, timeline: [],
    of: of ?? stages.find((s) => s.apiId === at?.apiId && s.stage.stageName === at.stageName),
  };
  if (entry || execution.length > 0) {
    story.timeline = timelineOf(story);
    story.timing = timingOf(story);
    story.counted = countedIn(story);
  }
  return story;
}

/** The entry among events that mention the request, read by the format of the stage that it is of. */
function findEntry(id: string, stages: readonly StageOfApi[], entries: readonly Line[]): { entry?: Line; values: Map<string, string>; of?: StageOfApi } {
  for (const entry of entries) {
    for (const of of stages) {
      const values = readOf(of, entry);
      if (values?.get('requestId') === id) {
        return { entry, values, of };
      }
    }
  }
  // Of a stage that is gone, or that has another format now.
  const loose = entries.map((entry) => ({ entry, values: looseValues(entry.message) }));
  return loose.find((l) => l.values.get('requestId') === id) ?? loose[0] ?? { values: new Map() };
}

function readOf({ apiId, stage }: StageOfApi, { group, message }: Line): Map<string, string> | undefined {
  const mine = accessGroup(stage);
  if (mine === '' || (group !== mine && group !== `${mine}/Canary`)) {
    return undefined;
  }
  const values = readEntry(stage.accessLogSettings?.format ?? '', message);
  return (values?.get('apiId') ?? apiId) === apiId && (values?.get('stage') ?? stage.stageName) === stage.stageName ? values : undefined;
}

/** Reads an entry back by its format: the values of the variables, those that print "-" left out. Undefined where it does not fit. */
export function readEntry(format: string, line: string): Map<string, string> | undefined {
  const tokens = tokenize(format.replace(/[\r\n]+$/, '').replace(/\r\n|[\r\n]/g, ' '));
  const names: string[] = [];
  const source = tokens.map((t) => {
    if ('literal' in t) {
      return t.literal.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    }
    names.push(t.name);
    return '(.*?)';
  });
  const found = new RegExp(`^${source.join('')}$`, 's').exec(line);
  if (!found) {
    return undefined;
  }
  const json = kindOf(format) === 'JSON';
  return new Map(names.map((name, i): [string, string] => [name, json ? unescapeJSON(found[i + 1]!) : found[i + 1]!]).filter(([, value]) => value !== '-'));
}

function unescapeJSON(text: string): string {
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    return text;
  }
}

const variableOf: Partial<Record<Meaning, string>> = { status: 'status', latency: 'responseLatency', method: 'httpMethod', path: 'path', ip: 'identity.sourceIp', requestId: 'requestId', length: 'responseLength' };

/** The values of a line of unknown format. Most formats name fields as the variables are named. */
function looseValues(message: string): Map<string, string> {
  const { fields } = parseMessage(message);
  const values = new Map([...fields].filter(([, value]) => value !== '-' && value !== ''));
  for (const [meaning, name] of Object.entries(variableOf)) {
    const field = find(fields, meaning as Meaning);
    if (field && !values.has(name)) {
      values.set(name, field.value);
    }
  }
  return values;
}

function value({ values }: Story, ...names: string[]): string | undefined {
  return names.map((name) => values.get(name)).find(Boolean);
}

function number(story: Story, ...names: string[]): number | undefined {
  const text = value(story, ...names);
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined;
}

function fromExecution({ execution }: Story, form: RegExp): number | undefined {
  const found = execution.map((l) => form.exec(l.message)?.[1]).find((n) => n !== undefined);
  return found === undefined ? undefined : Number(found);
}

/** The status that the client got. */
export function statusOf(story: Story): number | undefined {
  return number(story, 'status') ?? fromExecution(story, /\) Method completed with status: (\d+)$/);
}

function backEndTook(story: Story): number | undefined {
  return number(story, 'integrationLatency', 'integration.latency') ?? fromExecution(story, /\) Received response\. Status: \d+, Integration latency: (\d+) ms$/);
}

/** What was asked for: "GET /notes". */
export function requestLine(story: Story): string {
  const [, method, path] = story.execution.map((l) => /\) HTTP Method: (\S+), Resource Path: (.*)$/s.exec(l.message)).find(Boolean) ?? [];
  return [value(story, 'httpMethod') ?? method, value(story, 'path', 'resourcePath') ?? path].filter(Boolean).join(' ');
}

/** When the request arrived. Without the entry's latency it is taken for the time of the first line. */
function arrivalOf(story: Story): { at: number; known: boolean } {
  const took = number(story, 'responseLatency');
  if (story.entry && took !== undefined) {
    return { at: story.entry.timestamp - took, known: true };
  }
  return { at: (story.execution[0] ?? story.entry)!.timestamp, known: false };
}

function timelineOf(story: Story): Happening[] {
  const { at, known } = arrivalOf(story);
  const events: Omit<Happening, 'after'>[] = [];
  if (known) {
    const ip = value(story, 'identity.sourceIp', 'ip');
    events.push({ timestamp: at, source: 'access', text: ip ? `Request arrived from ${ip}` : 'Request arrived' });
  }
  for (const { timestamp, message } of story.execution) {
    events.push({ timestamp, source: 'execution', text: message.slice(story.id.length + 3) });
  }
  if (story.entry) {
    events.push({ timestamp: story.entry.timestamp, source: 'access', text: answered(story) });
  }
  return events.map((e) => ({ ...e, after: e.timestamp - at }));
}

/** How the request ended, with the back end's time. */
function answered(story: Story): string {
  const [status, length] = [value(story, 'status'), value(story, 'responseLength')];
  const [took, all] = [backEndTook(story), number(story, 'responseLatency')];
  const theirs = value(story, 'integrationStatus', 'integration.status');
  const parts = [`Answered${status ? ` ${status}` : ''}${length ? `, ${length} bytes` : ''}`];
  if (took !== undefined) {
    parts.push(`the back end took ${took} ms${theirs ? ` for its ${theirs}` : ''}${all === undefined ? '' : ` of ${all} ms`}`);
  }
  for (const name of ['error.message', 'integration.error']) {
    parts.push(value(story, name) ?? '');
  }
  return parts.filter(Boolean).join('; ');
}

function timingOf(story: Story): Timing | undefined {
  const [total, backEnd] = [number(story, 'responseLatency'), backEndTook(story)];
  if (total === undefined || backEnd === undefined || backEnd > total) {
    return undefined;
  }
  const asked = story.execution.find((l) => l.message.startsWith(`(${story.id}) Sending request to `));
  const before = asked && Math.min(Math.max(asked.timestamp - arrivalOf(story).at, 0), total - backEnd);
  return { total, backEnd, before };
}

/** Where the request counted; nowhere if it reached no stage. The method's dimensions are added by who knows its resource. */
function countedIn(story: Story): Counted | undefined {
  const status = statusOf(story);
  if (status === undefined || !story.of) {
    return undefined;
  }
  const { metricName: ApiName, stage } = story.of;
  const [took, back] = [number(story, 'responseLatency'), backEndTook(story)];
  return {
    minute: Math.floor(arrivalOf(story).at / 60_000) * 60_000,
    dimensions: [{ ApiName }, { ApiName, Stage: stage.stageName! }],
    values: {
      Count: 1,
      '4XXError': Number(status >= 400 && status < 500),
      '5XXError': Number(status >= 500),
      ...(took !== undefined && { Latency: took }),
      ...(back !== undefined && { IntegrationLatency: back }),
    },
  };
}

/** The resource and method of a request, where its entry tells them and the stage has detailed metrics of anything. */
export function methodOf(story: Story): { path: string; method: string } | undefined {
  const [path, method] = [value(story, 'resourcePath'), value(story, 'httpMethod')];
  const any = Object.values(story.of?.stage.methodSettings ?? {}).some((s) => s.metricsEnabled);
  return path && method && any ? { path, method } : undefined;
}

/** Whether a method has detailed metrics: by its own settings, else by those of all methods. */
export function hasMetrics(stage: Stage, path: string, method: string): boolean {
  const own = Object.entries(stage.methodSettings ?? {}).find(([key]) => canonicalKey(key) === canonicalKey(`${path}/${method}`));
  return (own?.[1] ?? stage.methodSettings?.['*/*'])?.metricsEnabled ?? false;
}
