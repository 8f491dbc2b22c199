// What views read the entries of a log group or a log stream with, and what its two kinds have in common: one thing at a
// time, both ways from a point in time, and following by asking again each second.
import { emptyBuffer, type Buffer } from './buffer';

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

/** Entries of one read. */
export const pageSize = 2000;
/** Entries of one read while following. */
export const followPage = 10_000;
/** Reads of one turn of following. */
export const followPages = 5;
const followEvery = 1000; // milliseconds

export abstract class BaseReader implements EntryReader {
  protected state: ReaderState;
  private listeners = new Set<() => void>();
  private abort = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** at is where reading begins: the end of the range, or a time in it to jump to. limit is how many entries are held. */
  constructor(protected range: Range, at: number, protected limit: number) {
    const from = Math.min(Math.max(at, range.start), range.end);
    this.state = {
      buffer: emptyBuffer, coveredFrom: from + 1, coveredTo: from, olderDone: false, newerDone: from >= range.end,
      busy: null, following: false, skipped: false, error: undefined,
    };
  }

  /** Each of these puts what it has read into the state, unless the signal says that nobody wants it any more. */
  protected abstract readOlder(signal: AbortSignal): Promise<void>;
  protected abstract readNewer(signal: AbortSignal): Promise<void>;
  protected abstract readLatest(signal: AbortSignal): Promise<void>;

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
    if (!this.state.busy && !this.state.newerDone && !this.state.following) {
      await this.work('newer', (signal) => this.readNewer(signal));
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

  protected set(change: Partial<ReaderState>): void {
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
}
