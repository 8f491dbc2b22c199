// Reads a log group (or one stream of it) from any point in time both ways, and follows it. FilterLogEvents only reads
// forward in time; reading backward goes by windows of time, each read whole, whose width follows the density found.
import { addNewer, addOlder, bufferLimit } from './buffer';
import { parseEntry, type Entry } from './entry';
import { BaseReader, followPage, followPages, pageSize, type Range } from './entryReader';

export interface Page {
  events: { eventId?: string; logStreamName?: string; timestamp?: number; ingestionTime?: number; message?: string }[];
  nextToken?: string;
}

export interface PageRequest {
  /** Milliseconds since 1970, inclusive both. */
  startTime: number;
  endTime?: number;
  limit: number;
  nextToken?: string;
}

/** One FilterLogEvents call; the group, streams and filter pattern are the caller's. */
export type ReadPage = (request: PageRequest, signal: AbortSignal) => Promise<Page>;

/** How far back following looks for entries that were written late, in milliseconds. */
const followOverlap = 1000;

export class Reader extends BaseReader {
  private width = 60_000; // of the next window, milliseconds
  /** Some entries of the millisecond coveredFrom were dropped. */
  private torn = false;

  constructor(private readPage: ReadPage, range: Range, at = range.end, private now = Date.now) {
    super(range, at, bufferLimit);
  }

  protected async readOlder(signal: AbortSignal): Promise<void> {
    let found = 0;
    while (found < pageSize / 2 && !this.state.olderDone) {
      const end = this.state.coveredFrom - (this.torn ? 0 : 1);
      const start = Math.max(this.range.start, end - this.width + 1);
      const window = await this.readWindow(start, end, signal);
      if (window === undefined) {
        continue; // too much in it; the next is narrower
      }
      if (signal.aborted) {
        return;
      }
      found += window.length;
      this.took(window, start);
    }
  }

  private took(window: Entry[], start: number): void {
    const { dropped, ...buffer } = addOlder(this.state.buffer, window.reverse());
    this.torn = false;
    this.set({ buffer, coveredFrom: start, olderDone: start <= this.range.start });
    if (dropped > 0) {
      this.set({ coveredTo: buffer.entries[0]!.timestamp, newerDone: false });
    }
    if (window.length < pageSize / 4) {
      this.width *= 4;
    }
  }

  /** All entries of a window, oldest first; undefined, and a narrower next window, where that is more than a page. */
  private async readWindow(start: number, end: number, signal: AbortSignal): Promise<Entry[] | undefined> {
    const entries: Entry[] = [];
    let nextToken: string | undefined;
    do {
      const page: Page = await this.readPage({ startTime: start, endTime: end, limit: pageSize, nextToken }, signal);
      entries.push(...page.events.map(entryOf));
      nextToken = page.nextToken;
      if (nextToken && entries.length >= pageSize && end > start) {
        const span = entries.at(-1)!.timestamp - entries[0]!.timestamp + 1;
        this.width = Math.max(1, Math.min(Math.floor((end - start + 1) / 2), Math.floor(span * 0.8)));
        return undefined;
      }
    } while (nextToken);
    return entries;
  }

  protected async readNewer(signal: AbortSignal): Promise<void> {
    const startTime = this.state.coveredTo;
    const entries: Entry[] = [];
    let nextToken: string | undefined;
    do {
      const page: Page = await this.readPage({ startTime, endTime: this.range.end, limit: pageSize, nextToken }, signal);
      entries.push(...page.events.map(entryOf));
      nextToken = page.nextToken;
    } while (nextToken && (entries.length < pageSize / 2 || entries.at(-1)!.timestamp === startTime));
    if (!signal.aborted) {
      const reached = nextToken ? entries.at(-1)!.timestamp : this.range.end;
      this.add(entries, reached);
      this.set({ newerDone: !nextToken });
    }
  }

  /** Puts entries, oldest first, before those held; everything up to reached has then been read. */
  private add(entries: Entry[], reached: number): void {
    const { added: _, dropped, ...buffer } = addNewer(this.state.buffer, entries);
    this.set({ buffer, coveredTo: Math.max(this.state.coveredTo, reached) });
    if (dropped > 0) {
      this.torn = true;
      this.set({ coveredFrom: buffer.entries.at(-1)!.timestamp, olderDone: false });
    }
  }

  protected async readLatest(signal: AbortSignal): Promise<void> {
    const now = this.now();
    const startTime = Math.max(this.range.start, this.state.coveredTo - followOverlap);
    const entries: Entry[] = [];
    let nextToken: string | undefined;
    for (let i = 0; i < followPages; i++) { // more than the buffer holds: what lies before is passed over
      const page: Page = await this.readPage({ startTime, limit: followPage, nextToken }, signal);
      entries.push(...page.events.map(entryOf));
      nextToken = page.nextToken;
      if (!nextToken) {
        break;
      }
    }
    if (signal.aborted || !this.state.following) {
      return;
    }
    this.add(entries, Math.max(now, entries.at(-1)?.timestamp ?? 0));
    if (nextToken) {
      this.set({ skipped: true });
    }
  }
}

function entryOf(event: Page['events'][number]): Entry {
  const { eventId, logStreamName = '', timestamp = 0, ingestionTime = 0, message = '' } = event;
  return parseEntry({ key: eventId ?? `${timestamp}/${logStreamName}`, id: eventId, stream: logStreamName, timestamp, ingestionTime, message });
}
