// Reads one log stream from any point in time both ways, and follows it, by GetLogEvents. Its tokens name places between
// events: pages join without gap or overlap, whatever is written meanwhile. What is written later with an earlier time is
// seen when the stream is read anew.
import { bufferLimit, emptyBuffer } from './buffer';
import { parseEntry, type Entry } from './entry';
import type { EntryReader, Range, ReaderState } from './reader';

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

const pageSize = 2000;
const followPage = 10_000;
const followPages = 5; // in one turn; what is left is read in the next
const followEvery = 1000; // milliseconds

export class StreamReader implements EntryReader {
  private state: ReaderState;
  private listeners = new Set<() => void>();
  private abort = new AbortController();
  private held: Held[] = []; // newest first
  private keys = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** at is where reading begins: the end of the range, or a time in it to jump to. */
  constructor(private stream: string, private readPage: ReadStreamPage, private range: Range, private at = range.end, private limit = bufferLimit) {
    const from = Math.min(Math.max(at, range.start), range.end);
    this.at = from;
    this.state = {
      buffer: emptyBuffer, coveredFrom: from + 1, coveredTo: from, olderDone: false, newerDone: from >= range.end,
      busy: null, following: false, skipped: false, error: undefined,
    };
  }

  getState = (): ReaderState => this.state;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  stop(): void {
    this.abort.abort();
    this.abort = new AbortController();
    this.set({ busy: null });
    this.pause();
  }

  async older(): Promise<void> {
    if (!this.state.busy && !this.state.olderDone) {
      await this.work('older', (signal) => this.readOlder(signal));
    }
  }

  async newer(): Promise<void> {
    if (!this.state.busy && !this.state.newerDone && !this.state.following && this.held.length > 0) {
      await this.work('newer', async (signal) => {
        const done = await this.readNewer(signal, pageSize, this.range.end + 1);
        if (!signal.aborted) {
          this.set(done ? { newerDone: true, coveredTo: this.range.end } : {});
        }
      });
    }
  }

  async fill(): Promise<void> {
    while (!this.state.olderDone && !this.state.error && this.state.buffer.entries.length < this.limit - pageSize) {
      if (this.state.busy) {
        return;
      }
      await this.older();
    }
  }

  follow(): void {
    if (!this.state.following) {
      this.set({ following: true, error: undefined });
      this.timer = setTimeout(() => void this.poll(), 0);
    }
  }

  pause(): void {
    clearTimeout(this.timer);
    if (this.state.following) {
      this.range = { ...this.range, end: this.state.coveredTo };
      this.set({ following: false, newerDone: true });
    }
  }

  private set(change: Partial<ReaderState>): void {
    this.state = { ...this.state, ...change };
    this.listeners.forEach((listener) => listener());
  }

  private async work(busy: 'older' | 'newer', read: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { signal } = this.abort;
    this.set({ busy, error: undefined });
    try {
      await read(signal);
    } catch (error) {
      if (!signal.aborted) {
        this.set({ error });
      }
    }
    if (!signal.aborted) {
      this.set({ busy: null });
    }
  }

  /** Reads back until a page's worth is found or the range's start is reached. The same token back is the end, a short page is not. */
  private async readOlder(signal: AbortSignal): Promise<void> {
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

  /** Reads on from the newest entry held. Resolves to whether that was the end. */
  private async readNewer(signal: AbortSignal, limit: number, endTime?: number): Promise<boolean> {
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

  private async poll(): Promise<void> {
    const { signal } = this.abort;
    try {
      for (let i = 0; i < followPages && !(await this.readNewer(signal, followPage)) && !signal.aborted; i++);
      if (!signal.aborted) {
        this.set({ error: undefined, coveredTo: Math.max(this.state.coveredTo, Date.now()) });
      }
    } catch (error) {
      if (!signal.aborted) {
        this.set({ error }); // and try again
      }
    }
    if (!signal.aborted && this.state.following) {
      this.timer = setTimeout(() => void this.poll(), followEvery);
    }
  }
}
