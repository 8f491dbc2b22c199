// Reads one log stream from any point in time both ways, and follows it, by GetLogEvents. Its tokens name places between
// events: pages join without gap or overlap, whatever is written meanwhile. What is written later with an earlier time is
// seen when the stream is read anew.
import { bufferLimit } from './buffer';
import { parseEntry, type Entry } from './entry';
import { BaseReader, followPage, followPages, pageSize, type Range, type ReaderState } from './entryReader';

export interface StreamPage {
  events: { timestamp?: number; ingestionTime?: number; message?: string }[];
  nextForwardToken?: string;
  nextBackwardToken?: string;
}

export interface StreamPageRequest {
  /** Milliseconds since 1970, inclusive. */
  startTime: number;
  /** Exclusive, as GetLogEvents has it; none is no end. */
  endTime?: number;
  limit: number;
  startFromHead: boolean;
  nextToken?: string;
}

/** One GetLogEvents call; group and stream are the caller's. */
export type ReadStreamPage = (request: StreamPageRequest, signal: AbortSignal) => Promise<StreamPage>;

/** Entries that came together, newest first, and the tokens of what lies on either side. */
interface Held {
  entries: readonly Entry[];
  back: string;
  forward: string;
}

export class StreamReader extends BaseReader {
  private held: Held[] = []; // newest first
  private keys = 0;
  private at: number;

  constructor(private stream: string, private readPage: ReadStreamPage, range: Range, at = range.end, limit = bufferLimit) {
    super(range, at, limit);
    this.at = this.state.coveredTo;
  }

  /** Reads back until a page's worth is found or the range's start is reached. The same token back is the end, a short page is not. */
  protected async readOlder(signal: AbortSignal): Promise<void> {
    for (let found = 0; ;) {
      const last = this.held.at(-1);
      const token = last?.back;
      const page = await this.page({ startTime: this.range.start, endTime: (last ? this.range.end : this.at) + 1, limit: pageSize, startFromHead: false, nextToken: token }, signal);
      if (signal.aborted) {
        return;
      }
      const end = page.back === token || (!last && page.entries.length === 0);
      if (page.entries.length > 0 || !last) {
        this.held = [...this.held, page];
      } else {
        this.held = [...this.held.slice(0, -1), { ...last, back: page.back }];
      }
      found += page.entries.length;
      this.trim('newest');
      this.show(0, end ? { olderDone: true, coveredFrom: this.range.start } : {});
      if (end || found >= pageSize / 2) {
        return;
      }
    }
  }

  protected async readNewer(signal: AbortSignal): Promise<void> {
    if (this.held.length > 0 && (await this.readOn(signal, pageSize, this.range.end + 1)) && !signal.aborted) {
      this.set({ newerDone: true, coveredTo: this.range.end });
    }
  }

  /** What a turn leaves is read in the next. */
  protected async readLatest(signal: AbortSignal): Promise<void> {
    for (let i = 0; i < followPages && !(await this.readOn(signal, followPage)) && !signal.aborted; i++);
    if (!signal.aborted) {
      this.set({ coveredTo: Math.max(this.state.coveredTo, Date.now()) });
    }
  }

  /** Reads on from the newest entry held. Resolves to whether that was the end. */
  private async readOn(signal: AbortSignal, limit: number, endTime?: number): Promise<boolean> {
    const first = this.held[0];
    const token = first?.forward;
    const page = await this.page({ startTime: this.range.start, endTime, limit, startFromHead: true, nextToken: token }, signal);
    if (signal.aborted) {
      return false;
    }
    this.held = page.entries.length > 0 || !first ? [page, ...this.held] : [{ ...first, forward: page.forward }, ...this.held.slice(1)];
    this.trim('oldest');
    this.show(page.entries.length, {});
    return page.forward === token || page.entries.length === 0;
  }

  /** Drops whole pages at one end while more entries are held than may be; there reading can go on by the next page's token. */
  private trim(end: 'newest' | 'oldest'): void {
    let count = this.held.reduce((sum, h) => sum + h.entries.length, 0);
    while (count > this.limit && this.held.length > 1) {
      const dropped = (end === 'newest' ? this.held.shift() : this.held.pop())!;
      count -= dropped.entries.length;
      if (end === 'newest') {
        this.set({ buffer: { ...this.state.buffer, above: this.state.buffer.above - dropped.entries.length }, newerDone: false, coveredTo: this.held[0]!.entries[0]?.timestamp ?? 0 });
      } else {
        this.set({ olderDone: false });
      }
    }
  }

  private show(added: number, change: Partial<ReaderState>): void {
    const entries = this.held.flatMap((h) => h.entries);
    const covered = entries.length > 0 ? { coveredFrom: entries.at(-1)!.timestamp, coveredTo: Math.max(this.state.coveredTo, entries[0]!.timestamp) } : {};
    this.set({ buffer: { entries, above: this.state.buffer.above + added }, ...covered, ...(this.state.olderDone && { coveredFrom: this.range.start }), ...change });
  }

  private async page(request: StreamPageRequest, signal: AbortSignal): Promise<Held> {
    const { events, nextBackwardToken = '', nextForwardToken = '' } = await this.readPage(request, signal);
    const entries = events.map(({ timestamp = 0, ingestionTime = 0, message = '' }) =>
      parseEntry({ key: `${this.keys++}`, stream: this.stream, timestamp, ingestionTime, message }));
    return { entries: entries.reverse(), back: nextBackwardToken, forward: nextForwardToken };
  }
}
