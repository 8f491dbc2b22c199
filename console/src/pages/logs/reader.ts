// Reads a log group (or one stream of it) from any point in time both ways, and follows it. FilterLogEvents only reads
// forward in time; reading backward goes by windows of time, each read whole, whose width follows the density found.
import { addNewer, addOlder, bufferLimit, emptyBuffer, type Buffer } from './buffer';
import { parseEntry, type Entry } from './entry';

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

export interface ReaderState {
  buffer: Buffer;
  /** The stretch of time that has been read whole: every matching entry in it is held. Inclusive both. */
  coveredFrom: number;
  coveredTo: number;
  /** Nothing more in the range in that direction. */
  olderDone: boolean;
  newerDone: boolean;
  busy: 'older' | 'newer' | null;
  following: boolean;
  /** Entries that following passed over because they came faster than they could be read. */
  skipped: boolean;
  error: unknown;
}

/** What a view reads its entries with. */
export interface EntryReader {
  getState: () => ReaderState;
  /** Calls back at each change, until the function that it returns is called. */
  subscribe: (listener: () => void) => () => void;
  /** Gives up what is under way. The reader stays as it is and can go on reading. */
  stop: () => void;
  /** Reads about a page of entries before those held. Does nothing while reading, or at the range's start. */
  older: () => Promise<void>;
  /** Reads a page of entries after those held. Does nothing while reading or following, or at the range's end. */
  newer: () => Promise<void>;
  /** Reads older entries until the range's start or until as many are held as can be. */
  fill: () => Promise<void>;
  /** Reads what is written from now on, each second, until pause. */
  follow: () => void;
  pause: () => void;
}

export interface Range {
  start: number;
  end: number;
}

const pageSize = 2000;
const followPage = 10_000;
const followPages = 5; // more than the buffer holds: what lies before is passed over
const followEvery = 1000; // milliseconds
/** How far back following looks for entries that were written late, in milliseconds. */
const followOverlap = 1000;

export class Reader implements EntryReader {
  private state: ReaderState;
  private listeners = new Set<() => void>();
  private abort = new AbortController();
  private width = 60_000; // of the next window, milliseconds
  /** Some entries of the millisecond coveredFrom were dropped. */
  private torn = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** at is where reading begins: the end of the range, or a time in it to jump to. */
  constructor(private readPage: ReadPage, private range: Range, at = range.end, private now = Date.now) {
    const from = Math.min(Math.max(at, range.start), range.end);
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

  async fill(): Promise<void> {
    while (!this.state.olderDone && !this.state.error && this.state.buffer.entries.length < bufferLimit - pageSize) {
      if (this.state.busy) {
        return;
      }
      await this.older();
    }
  }

  async newer(): Promise<void> {
    if (!this.state.busy && !this.state.newerDone && !this.state.following) {
      await this.work('newer', (signal) => this.readNewer(signal));
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

  private async readOlder(signal: AbortSignal): Promise<void> {
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

  private async readNewer(signal: AbortSignal): Promise<void> {
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

  private async poll(): Promise<void> {
    const { signal } = this.abort;
    try {
      await this.readLatest(signal);
      if (!signal.aborted) {
        this.set({ error: undefined });
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

  private async readLatest(signal: AbortSignal): Promise<void> {
    const now = this.now();
    const startTime = Math.max(this.range.start, this.state.coveredTo - followOverlap);
    const entries: Entry[] = [];
    let nextToken: string | undefined;
    for (let i = 0; i < followPages; i++) {
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
