import { DescribeLogStreamsCommand, GetLogGroupFieldsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { logs } from '../../aws/logs';

const most = 5; // log groups whose fields are asked for

/** The fields found in the entries of log groups, the most frequent first, each once. end is in milliseconds since 1970. */
export async function fieldsOf(groups: readonly string[], end: number, abortSignal: AbortSignal): Promise<string[]> {
  const found = await Promise.all(groups.slice(0, most).map((group) => fieldsOfGroup(group, end, abortSignal)));
  return [...new Set(found.flat())];
}

/** GetLogGroupFields looks a few minutes around a time: the range's end, or the newest entry's where that is before. */
async function fieldsOfGroup(logGroupName: string, end: number, abortSignal: AbortSignal): Promise<string[]> {
  const { logStreams = [] } = await logs().send(
    new DescribeLogStreamsCommand({ logGroupName, orderBy: 'LastEventTime', descending: true, limit: 1 }), { abortSignal },
  );
  const time = Math.min(end, logStreams[0]?.lastEventTimestamp ?? end);
  const { logGroupFields = [] } = await logs().send(new GetLogGroupFieldsCommand({ logGroupName, time: Math.floor(time / 1000) }), { abortSignal });
  return logGroupFields.flatMap((f) => f.name ?? []);
}
