import type { StartLiveTailResponseStream } from '@aws-sdk/client-cloudwatch-logs';
import { expect, test } from 'vitest';
import { Tail } from './tail';

/** A session that sends what it is told, until it is ended. */
function session() {
  const queue: StartLiveTailResponseStream[] = [];
  let wake: () => void = () => undefined;
  let over = false;
  const put = (event?: StartLiveTailResponseStream) => {
    if (event) queue.push(event);
    else over = true;
    wake();
  };
  async function* events() {
    while (!over || queue.length > 0) {
      const event = queue.shift();
      if (event) yield event;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  }
  return { source: () => Promise.resolve(events()), put };
}

const update = (messages: string[], sampled = false) => ({
  sessionUpdate: {
    sessionMetadata: { sampled },
    sessionResults: messages.map((message, i) => ({ message, timestamp: 1000 + i, logStreamName: 's', logGroupIdentifier: 'arn:aws:logs:us-east-1:000000000000:log-group:a/b' })),
  },
}) as StartLiveTailResponseStream;

const messages = (tail: Tail) => tail.getState().buffer.entries.map((e) => e.message);

test('entries come newest first, with their group', async () => {
  const { source, put } = session();
  const tail = new Tail(source);
  void tail.start();
  put(update(['a', 'b']));
  await expect.poll(() => messages(tail)).toEqual(['b', 'a']);
  put(update(['c']));
  await expect.poll(() => messages(tail)).toEqual(['c', 'b', 'a']);
  expect(tail.getState()).toMatchObject({ open: true, received: 3, buffer: { above: 3 } });
  expect(tail.getState().buffer.entries[0]).toMatchObject({ group: 'a/b', stream: 's' });
});

test('a pause keeps them back', async () => {
  const { source, put } = session();
  const tail = new Tail(source);
  void tail.start();
  tail.pause();
  put(update(['a', 'b'], true));
  await expect.poll(() => tail.getState().waiting).toBe(2);
  expect(messages(tail)).toEqual([]);
  tail.follow();
  expect(messages(tail)).toEqual(['b', 'a']);
  expect(tail.getState()).toMatchObject({ waiting: 0, sampled: true });
});

test('the oldest go where there are too many', async () => {
  const { source, put } = session();
  const tail = new Tail(source, 3);
  void tail.start();
  put(update(['a', 'b']));
  await expect.poll(() => messages(tail)).toEqual(['b', 'a']);
  put(update(['c', 'd']));
  await expect.poll(() => messages(tail)).toEqual(['d', 'c', 'b']);
});

test('the end: by the server, by an error, by stop', async () => {
  const first = session();
  const ended = new Tail(first.source);
  void ended.start();
  first.put();
  await expect.poll(() => ended.getState().ended).toBe(true);
  expect(ended.getState().error).toBeUndefined();

  const problem = Object.assign(new Error('3 hours'), { name: 'SessionTimeoutException' });
  const second = session();
  const timedOut = new Tail(second.source);
  void timedOut.start();
  second.put({ SessionTimeoutException: problem } as unknown as StartLiveTailResponseStream);
  await expect.poll(() => timedOut.getState().error).toBe(problem);

  const third = session();
  const stopped = new Tail(third.source);
  void stopped.start();
  stopped.stop();
  third.put(update(['late']));
  await Promise.resolve();
  expect(messages(stopped)).toEqual([]);
});
