// The entries nearest in time to one, of the same address and path. Pure, but for the reading it is given.
import { find, parseEntry, type Entry } from './entry';
import type { ReadPage } from './reader';

/** The fields by which neighbours are told: of the same address and path, as far as the entry has them. */
export function sharedFields(entry: Entry): string[] {
  return (['ip', 'path'] as const).flatMap((meaning) => find(entry.fields, meaning)?.name ?? []);
}

const spans = [10_000, 60_000, 10 * 60_000, 60 * 60_000]; // milliseconds each way

/**
 * Reads at most so many entries before and after one that have the same values of fields, oldest first, the entry
 * itself among them. It looks wider as long as it has found fewer, an hour each way at most; span says how wide.
 */
export async function readNeighbours(entry: Entry, fields: readonly string[], most: number, read: ReadPage, signal: AbortSignal): Promise<{ entries: Entry[]; span: number }> {
  const same = (e: Entry) => e.id === entry.id || fields.every((f) => e.fields.get(f) === entry.fields.get(f));
  let entries: Entry[] = [];
  let span = 0;
  for (span of spans) {
    entries = (await readAll(read, entry.timestamp - span, entry.timestamp + span, signal)).filter(same);
    const at = entries.findIndex((e) => e.id === entry.id);
    if (at >= most && entries.length - at > most) {
      break;
    }
  }
  const at = entries.findIndex((e) => e.id === entry.id);
  return { entries: entries.slice(Math.max(0, at - most), at + most + 1), span };
}

async function readAll(read: ReadPage, startTime: number, endTime: number, signal: AbortSignal): Promise<Entry[]> {
  const entries: Entry[] = [];
  let nextToken: string | undefined;
  do {
    const page = await read({ startTime, endTime, limit: 10_000, nextToken }, signal);
    for (const { eventId = '', logStreamName = '', timestamp = 0, ingestionTime = 0, message = '' } of page.events) {
      entries.push(parseEntry({ key: eventId, id: eventId, stream: logStreamName, timestamp, ingestionTime, message }));
    }
    nextToken = page.nextToken;
  } while (nextToken && entries.length < 20_000);
  return entries;
}
