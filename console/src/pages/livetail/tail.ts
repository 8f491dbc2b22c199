// A live tail: entries as the server sends them, collected for a view. It reads as other views' readers do, but there is
// nothing before its start and nothing after its end.
import { StartLiveTailCommand, type StartLiveTailResponseStream } from '@aws-sdk/client-cloudwatch-logs';
import { accountId } from '../../aws/account';
import { groupOfArn, logGroupArn } from '../../aws/arn';
import { logs } from '../../aws/logs';
import { getSession } from '../../aws/session';
import { emptyBuffer, type Buffer } from '../logs/buffer';
import { parseEntry, type Entry } from '../logs/entry';
import type { EntryReader, ReaderState } from '../logs/entryReader';

export interface TailState extends ReaderState {
  /** Open on the server; before that it is being opened, after that it has ended. */
  open: boolean;
  ended: boolean;
  /** All that came, and those of them that wait for the end of a pause. */
  received: number;
  waiting: number;
  /** The server left entries out, since more came than it sends. */
  sampled: boolean;
}

/** The most entries held, and kept during a pause; the oldest go. */
export const tailLimit = 20_000;

const showEvery = 200; // milliseconds; what comes between is drawn at once

export type Source = (signal: AbortSignal) => Promise<AsyncIterable<StartLiveTailResponseStream>>;

/** The session's events, from StartLiveTail. */
export function liveTail(groups: readonly string[], pattern: string): Source {
  return async (abortSignal) => {
    const at = { region: getSession().region, accountId: await accountId() };
    const { responseStream } = await logs().send(
      new StartLiveTailCommand({ logGroupIdentifiers: groups.map((g) => logGroupArn(at, g)), logEventFilterPattern: pattern || undefined }),
      { abortSignal },
    );
    if (!responseStream) {
      throw new Error('The server opened no stream.');
    }
    return responseStream;
  };
}

export class Tail implements EntryReader {
  private state: TailState = {
    buffer: emptyBuffer, coveredFrom: Date.now(), coveredTo: Date.now(), olderDone: true, newerDone: true, busy: null, following: true,
    skipped: false, error: undefined, open: false, ended: false, received: 0, waiting: 0, sampled: false,
  };
  private listeners = new Set<() => void>();
  private abort = new AbortController();
  private pending: Entry[] = []; // oldest first
  private keys = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private source: Source, private limit = tailLimit) {}

  getState = (): TailState => this.state;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Opens the session and takes what it sends until stop, or until the server ends it. */
  async start(): Promise<void> {
    const { signal } = this.abort;
    const stopped = () => signal.aborted;
    try {
      const events = await this.source(signal);
      if (stopped()) {
        return;
      }
      this.set({ open: true });
      for await (const event of events) {
        if (stopped()) {
          return;
        }
        this.take(event);
      }
      this.end(undefined);
    } catch (error) {
      if (!stopped()) {
        this.end(error);
      }
    }
  }

  /** Ends the session; what came stays. */
  stop(): void {
    this.abort.abort();
    this.end(undefined);
  }

  follow(): void {
    this.set({ following: true });
    this.show();
  }

  pause(): void {
    this.show();
    this.set({ following: false });
  }

  clear(): void {
    this.pending = [];
    this.set({ buffer: emptyBuffer, waiting: 0 });
  }

  older = (): Promise<void> => Promise.resolve();
  newer = (): Promise<void> => Promise.resolve();
  fill = (): Promise<void> => Promise.resolve();

  private set(change: Partial<TailState>): void {
    this.state = { ...this.state, ...change };
    this.listeners.forEach((listener) => listener());
  }

  private end(error: unknown): void {
    this.show();
    this.set({ open: false, ended: true, error });
  }

  private take(event: StartLiveTailResponseStream): void {
    const problem = event.SessionTimeoutException ?? event.SessionStreamingException;
    if (problem) {
      throw problem;
    }
    const { sessionResults = [], sessionMetadata } = event.sessionUpdate ?? {};
    for (const { logStreamName = '', logGroupIdentifier = '', timestamp = 0, ingestionTime = 0, message = '' } of sessionResults) {
      this.pending.push(parseEntry({ key: `${this.keys++}`, group: groupName(logGroupIdentifier), stream: logStreamName, timestamp, ingestionTime, message }));
    }
    if (this.pending.length > this.limit) {
      this.pending = this.pending.slice(-this.limit);
    }
    if (sessionMetadata?.sampled) {
      this.state = { ...this.state, sampled: true };
    }
    this.state = { ...this.state, received: this.state.received + sessionResults.length };
    if (sessionResults.length > 0) {
      this.timer ??= setTimeout(() => this.show(), showEvery);
    }
  }

  /** Puts what waits before the entries held, unless there is a pause. */
  private show(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (!this.state.following) {
      this.set({ waiting: this.pending.length });
      return;
    }
    const fresh = this.pending.sort((a, b) => a.timestamp - b.timestamp).reverse();
    this.pending = [];
    const { buffer } = this.state;
    const next: Buffer = fresh.length === 0 ? buffer : { entries: fresh.concat(buffer.entries).slice(0, this.limit), above: buffer.above + fresh.length };
    this.set({ buffer: next, waiting: 0, coveredTo: Date.now() });
  }
}

/** The name in what the server calls a log group: an ARN, or ACCOUNT:NAME. */
function groupName(identifier: string): string {
  return groupOfArn(identifier) || identifier.replace(/^\d{12}:/, '');
}
