import { DescribeLogStreamsCommand, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { hasCode } from '../../../aws/errors';
import { logs } from '../../../aws/logs';

export interface NewestEntry {
  message: string;
  timestamp: number;
}

/** The newest entry of a log group; undefined where there is none, or no such group. */
export async function newestEntry(logGroupName: string, abortSignal?: AbortSignal): Promise<NewestEntry | undefined> {
  try {
    const { logStreams } = await logs().send(
      new DescribeLogStreamsCommand({ logGroupName, orderBy: 'LastEventTime', descending: true, limit: 1 }),
      { abortSignal },
    );
    const logStreamName = logStreams?.[0]?.logStreamName;
    if (!logStreamName) {
      return undefined;
    }
    const { events } = await logs().send(new GetLogEventsCommand({ logGroupName, logStreamName, limit: 1, startFromHead: false }), { abortSignal });
    const event = events?.at(-1);
    return event && { message: event.message ?? '', timestamp: event.timestamp ?? 0 };
  } catch (error) {
    if (hasCode(error, 'ResourceNotFoundException')) {
      return undefined;
    }
    throw error;
  }
}
