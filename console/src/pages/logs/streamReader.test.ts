import { expect, test } from 'vitest';
import { StreamReader, type ReadStreamPage } from './streamReader';

/** A stream that pages as GetLogEvents does: a token is a place, the same one back is the end, pages may be empty. */
function stream(times: number[], { hole = false } = {}): { read: ReadStreamPage; calls: () => number; put: (t: number) => void } {
  let calls = 0;
  const read: ReadStreamPage = ({ startTime, endTime = Infinity, limit, startFromHead, nextToken }) => {
    calls++;
    const within = times.map((t, i) => ({ t, i })).filter(({ t }) => t >= startTime && t < endTime);
    const [letter, place] = nextToken?.split('/') ?? [];
    if (hole && nextToken && !nextToken.endsWith('!')) { // an empty page on the way
      return Promise.resolve({ events: [], nextForwardToken: `f/${place}/!`, nextBackwardToken: `b/${place}/!` });
    }
    const at = Number(place);
    const forward = letter ? letter === 'f' : startFromHead;
    const side = letter === undefined ? within : forward ? within.filter(({ i }) => i > at) : within.filter(({ i }) => i < at);
    const page = forward ? side.slice(0, limit) : side.slice(-limit);
    const answer = page.length === 0 && !nextToken
      ? { nextForwardToken: 'f/-1', nextBackwardToken: 'b/-1' }
      : page.length > 0
      ? { nextForwardToken: `f/${page.at(-1)!.i}`, nextBackwardToken: `b/${page[0]!.i}` }
      : forward ? { nextForwardToken: nextToken ?? 'f/-1', nextBackwardToken: `b/${at + 1}` } : { nextForwardToken: `f/${at - 1}`, nextBackwardToken: nextToken ?? 'b/0' };
    return Promise.resolve({ events: page.map(({ t, i }) => ({ timestamp: t, message: String(i) })), ...answer });
  };
  return { read, calls: () => calls, put: (t) => times.push(t) };
}

const messages = (reader: StreamReader) => reader.getState().buffer.entries.map((e) => Number(e.message));
const down = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, i) => from - i);

async function all(reader: StreamReader, way: 'older' | 'newer') {
  const done = () => (way === 'older' ? reader.getState().olderDone : reader.getState().newerDone);
  for (let i = 0; i < 1000 && !done(); i++) {
    await reader[way]();
  }
  expect(done()).toBe(true);
}

const many = Array.from({ length: 9000 }, (_, i) => 1000 + Math.floor(i / 100));

test.each([false, true])('reads every event once, to the range\'s start (empty pages on the way: %s)', async (hole) => {
  const reader = new StreamReader('s', stream(many, { hole }).read, { start: 0, end: 5000 });
  await all(reader, 'older');
  expect(messages(reader)).toEqual(down(8999, 0));
  expect(reader.getState()).toMatchObject({ coveredFrom: 0, coveredTo: 5000, newerDone: true });
});

test('a jump reads both ways, and the list stands still', async () => {
  const reader = new StreamReader('s', stream([100, 200, 300, 400, 500]).read, { start: 0, end: 1000 }, 300);
  await reader.older();
  expect(messages(reader)).toEqual([2, 1, 0]);
  const before = reader.getState().buffer.above;
  await all(reader, 'newer');
  expect(messages(reader)).toEqual([4, 3, 2, 1, 0]);
  expect(reader.getState().buffer.above - before).toBe(2);
});

test('a jump to before the first event', async () => {
  const reader = new StreamReader('s', stream([100, 200]).read, { start: 0, end: 1000 }, 50);
  await all(reader, 'older');
  await all(reader, 'newer');
  expect(messages(reader)).toEqual([1, 0]);
});

test('past the limit pages are dropped at the other end, and read again on the way back', async () => {
  const reader = new StreamReader('s', stream(many).read, { start: 0, end: 5000 }, 5000, 5000);
  await all(reader, 'older');
  expect(messages(reader)).toEqual(down(4999, 0));
  expect(reader.getState().newerDone).toBe(false);
  await all(reader, 'newer');
  expect(messages(reader)[0]).toBe(8999);
  expect(reader.getState().olderDone).toBe(false);
  await all(reader, 'older');
  expect(messages(reader).at(-1)).toBe(0);
  expect(new Set(messages(reader)).size).toBe(messages(reader).length);
});

test('nothing in the range', async () => {
  const reader = new StreamReader('s', stream([1, 2]).read, { start: 10, end: 20 });
  await all(reader, 'older');
  expect(messages(reader)).toEqual([]);
});

test('following reads what is written, from an empty range too', async () => {
  const { read, put } = stream([]);
  const reader = new StreamReader('s', read, { start: 0, end: 10 });
  await all(reader, 'older');
  reader.follow();
  put(11);
  await expect.poll(() => messages(reader)).toEqual([0]);
  put(12);
  await expect.poll(() => messages(reader), { timeout: 5000 }).toEqual([1, 0]);
  reader.pause();
  expect(reader.getState()).toMatchObject({ following: false, newerDone: true });
});

test('an error is kept, and the next try goes on', async () => {
  const { read } = stream([5]);
  let fail = true;
  const reader = new StreamReader('s', (r, s) => (fail ? Promise.reject(new Error('no')) : read(r, s)), { start: 0, end: 10 });
  await reader.older();
  expect(reader.getState()).toMatchObject({ error: new Error('no'), busy: null });
  fail = false;
  await reader.older();
  expect(messages(reader)).toEqual([0]);
});
