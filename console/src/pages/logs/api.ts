// The CloudWatch Logs calls of these pages.
import {
  DescribeLogGroupsCommand, DescribeLogStreamsCommand, FilterLogEventsCommand, GetLogEventsCommand, type LogGroup, type LogStream,
} from '@aws-sdk/client-cloudwatch-logs';
import { logs } from '../../aws/logs';
import { parseEntry, type Entry } from './entry';
import type { ReadPage } from './reader';
import type { ReadStreamPage } from './streamReader';

/** What of a log group is read: one stream or all, everything or what a filter pattern matches. */
export interface Scope {
  group: string;
  stream?: string;
  pattern?: string;
}

export function readPages({ group, stream, pattern }: Scope): ReadPage {
  return async (request, abortSignal) => {
    const { events = [], nextToken } = await logs().send(
      new FilterLogEventsCommand({
        logGroupName: group,
        logStreamNames: stream ? [stream] : undefined,
        filterPattern: pattern || undefined,
        ...request,
      }),
      { abortSignal },
    );
    return { events, nextToken };
  };
}

/** The events of one stream, by the tokens that GetLogEvents pages with. */
export function readStreamPages(group: string, stream: string): ReadStreamPage {
  return async (request, abortSignal) => {
    const command = new GetLogEventsCommand({ logGroupName: group, logStreamName: stream, ...request });
    const { events = [], ...tokens } = await logs().send(command, { abortSignal });
    return { events, ...tokens };
  };
}

/** The log group of exactly that name; undefined where there is none. */
export async function findGroup(name: string, abortSignal?: AbortSignal): Promise<LogGroup | undefined> {
  const { logGroups = [] } = await logs().send(new DescribeLogGroupsCommand({ logGroupNamePrefix: name, limit: 50 }), { abortSignal });
  return logGroups.find((g) => g.logGroupName === name); // the first by name, if it exists
}

/** Log groups by name, at most so many; more says that there are others. */
export async function listGroups(most: number, abortSignal: AbortSignal): Promise<{ groups: LogGroup[]; more: boolean }> {
  const groups: LogGroup[] = [];
  let nextToken: string | undefined;
  do {
    const page: { logGroups?: LogGroup[]; nextToken?: string } = await logs().send(
      new DescribeLogGroupsCommand({ limit: 50, nextToken }), { abortSignal },
    );
    groups.push(...(page.logGroups ?? []));
    nextToken = page.nextToken;
  } while (nextToken && groups.length < most);
  return { groups, more: nextToken !== undefined };
}

export interface StreamPage {
  streams: LogStream[];
  nextToken?: string;
}

/** A page of log streams: by last event, the latest first; with a prefix by name, as AWS cannot do both. */
export async function listStreams(group: string, prefix: string, nextToken?: string, abortSignal?: AbortSignal): Promise<StreamPage> {
  const order = prefix ? { logStreamNamePrefix: prefix } : { orderBy: 'LastEventTime' as const, descending: true };
  const page = await logs().send(
    new DescribeLogStreamsCommand({ logGroupName: group, limit: 50, nextToken, ...order }), { abortSignal },
  );
  return { streams: page.logStreams ?? [], nextToken: page.nextToken };
}

/** The one event that an address names; undefined where it is no longer kept. */
export function findEntry(group: string, stream: string, timestamp: number, id: string, signal: AbortSignal): Promise<Entry | undefined> {
  return findAt(group, stream, timestamp, (event) => event.eventId === id, signal);
}

/** The ID of an event that GetLogEvents read, which gives none; undefined where it is no longer kept. */
export async function idOf(group: string, entry: Pick<Entry, 'stream' | 'timestamp' | 'message'>, signal: AbortSignal): Promise<string | undefined> {
  return (await findAt(group, entry.stream, entry.timestamp, (event) => event.message === entry.message, signal))?.id;
}

type Event = Awaited<ReturnType<ReadPage>>['events'][number];

async function findAt(group: string, stream: string, timestamp: number, wanted: (event: Event) => boolean, signal: AbortSignal): Promise<Entry | undefined> {
  const read = readPages({ group, stream });
  let nextToken: string | undefined;
  do {
    const page = await read({ startTime: timestamp, endTime: timestamp, limit: 10_000, nextToken }, signal);
    const event = page.events.find(wanted);
    if (event) {
      const { eventId: id = '', ingestionTime = 0, message = '' } = event;
      return parseEntry({ key: id, id, stream, timestamp, ingestionTime, message });
    }
    nextToken = page.nextToken;
  } while (nextToken);
  return undefined;
}
