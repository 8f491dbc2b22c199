// Logs Insights queries, from start to the last row.
import {
  GetQueryResultsCommand, StartQueryCommand, StopQueryCommand, type GetQueryResultsResponse, type QueryStatistics, type QueryStatus,
} from '@aws-sdk/client-cloudwatch-logs';
import { logs } from './logs';

export interface Query {
  text: string;
  /** Log groups by name; none where the text begins with SOURCE. */
  groups: readonly string[];
  /** Milliseconds since 1970, inclusive both. AWS asks by the second: up to a second more is looked at on each side. */
  start: number;
  end: number;
  /** Most rows; the query's own limit goes first. Default: 10,000. */
  limit?: number;
}

/** A row's fields in their order. */
export type Row = ReadonlyMap<string, string>;

export interface Answer {
  queryId: string;
  status: QueryStatus;
  rows: readonly Row[];
  statistics: QueryStatistics;
}

const firstWait = 40; // milliseconds; most queries are over by then
const longestWait = 1000;

/**
 * Runs a query and says how it gets on. When the signal ends it, the query is stopped on the server too.
 * @param onAnswer is told of partial rows while the query runs, and of the whole answer
 * @returns the whole answer; its status says whether it is Complete
 */
export async function runQuery(query: Query, onAnswer: (answer: Answer) => void, signal: AbortSignal): Promise<Answer> {
  const { text, groups, start, end, limit } = query;
  const { queryId = '' } = await logs().send(
    new StartQueryCommand({
      queryString: text, logGroupNames: groups.length > 0 ? [...groups] : undefined, limit,
      startTime: Math.floor(start / 1000), endTime: Math.floor(end / 1000),
    }),
    { abortSignal: signal },
  );
  try {
    return await follow(queryId, onAnswer, signal);
  } catch (error) {
    if (signal.aborted) {
      void logs().send(new StopQueryCommand({ queryId })).catch(() => undefined); // it may have ended by itself
    }
    throw error;
  }
}

/** The rows of a query that was started before. */
export async function follow(queryId: string, onAnswer: (answer: Answer) => void, signal: AbortSignal): Promise<Answer> {
  for (let wait = firstWait; ; wait = Math.min(wait * 2, longestWait)) {
    const page = await resultPage(queryId, undefined, signal);
    const answer = answerOf(queryId, page, rowsOf(page));
    if (answer.status !== 'Running' && answer.status !== 'Scheduled') {
      const whole = { ...answer, rows: await moreRows(queryId, page.nextToken, answer.rows, signal) };
      onAnswer(whole);
      return whole;
    }
    onAnswer(answer);
    await pause(wait, signal);
  }
}

async function moreRows(queryId: string, nextToken: string | undefined, rows: readonly Row[], signal: AbortSignal): Promise<readonly Row[]> {
  while (nextToken) {
    const page = await resultPage(queryId, nextToken, signal);
    rows = rows.concat(rowsOf(page));
    nextToken = page.nextToken;
  }
  return rows;
}

function resultPage(queryId: string, nextToken: string | undefined, abortSignal: AbortSignal): Promise<GetQueryResultsResponse> {
  return logs().send(new GetQueryResultsCommand({ queryId, nextToken }), { abortSignal });
}

function answerOf(queryId: string, page: GetQueryResultsResponse, rows: Row[]): Answer {
  return { queryId, status: page.status ?? 'Unknown', rows, statistics: page.statistics ?? {} };
}

function rowsOf({ results = [] }: GetQueryResultsResponse): Row[] {
  return results.map((row) => new Map(row.map(({ field = '', value = '' }) => [field, value])));
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
}

/** A time as queries print it, in UTC, as milliseconds since 1970. */
export function timeOf(printed: string): number | undefined {
  const time = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?$/.test(printed) ? Date.parse(`${printed.replace(' ', 'T')}Z`) : NaN;
  return Number.isNaN(time) ? undefined : time;
}

/** A field as a query names it: in backticks where it holds other characters than names may. */
export function fieldName(name: string): string {
  return name.split('.').map((part) => (/^[A-Za-z0-9_@:]+$/.test(part) ? part : `\`${part}\``)).join('.');
}

/** Text as a query's string. */
export function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
