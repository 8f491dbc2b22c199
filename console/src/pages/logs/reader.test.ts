import { describe, expect, test } from 'vitest';
import { addNewer, addOlder, emptyBuffer } from './buffer';
import { parseEntry } from './entry';
import { Reader, type Page, type ReadPage } from './reader';

interface Stored {
  eventId: string;
  timestamp: number;
  message: string;
}

/** A log that pages as FilterLogEvents does: forward in time, both ends inclusive, at most limit a page. */
function log(events: Stored[]): { read: ReadPage; calls: () => number } {
  let calls = 0;
  const read: ReadPage = ({ startTime, endTime = Infinity, limit, nextToken }) => {
    calls++;
    const found = events.filter((e) => e.timestamp >= startTime && e.timestamp <= endTime).sort((a, b) => a.timestamp - b.timestamp);
    const from = Number(nextToken ?? 0);
    const page: Page = { events: found.slice(from, from + limit) };
    return Promise.resolve(from + limit < found.length ? { ...page, nextToken: String(from + limit) } : page);
  };
  return { read, calls: () => calls };
}

const event = (n: number, timestamp: number): Stored => ({ eventId: `e${n}`, timestamp, message: `{"n":${n}}` });

const ids = (reader: Reader) => reader.getState().buffer.entries.map((e) => e.id);

async function readAll(reader: Reader) {
  for (let i = 0; i < 10_000 && !reader.getState().olderDone; i++) {
    await reader.older();
  }
}

describe('reading back', () => {
  test.each([
    ['evenly spread', (i: number) => 1_000_000 + i * 40],
    ['in bursts', (i: number) => 1_000_000 + Math.floor(i / 3000) * 3_600_000 + (i % 3000)],
    ['thousands in one millisecond', (i: number) => 1_000_000 + Math.floor(i / 5000)],
    ['far apart', (i: number) => 1_000_000 + i * 60_000],
  ])('gets every entry once, newest first, of a log %s', async (_, when) => {
    const events = Array.from({ length: 12_000 }, (_, i) => event(i, when(i)));
    const reader = new Reader(log(events).read, { start: 1_000_000, end: when(11_999) });
    await readAll(reader);
    const { entries } = reader.getState().buffer;
    expect(new Set(ids(reader)).size).toBe(12_000);
    expect(entries).toHaveLength(12_000);
    entries.slice(1).forEach((e, i) => expect(e.timestamp).toBeLessThanOrEqual(entries[i]!.timestamp));
  });

  test('an empty month is looked through in few calls', async () => {
    const { read, calls } = log([event(1, 5)]);
    const reader = new Reader(read, { start: 0, end: 30 * 86_400_000 });
    await readAll(reader);
    expect(ids(reader)).toEqual(['e1']);
    expect(calls()).toBeLessThan(15);
  });

  test('nothing outside of the range', async () => {
    const reader = new Reader(log([event(1, 9), event(2, 10), event(3, 20), event(4, 21)]).read, { start: 10, end: 20 });
    await readAll(reader);
    expect(ids(reader)).toEqual(['e3', 'e2']);
    expect(reader.getState()).toMatchObject({ olderDone: true, newerDone: true, coveredFrom: 10, coveredTo: 20 });
  });
});

test('a jump reads both ways', async () => {
  const reader = new Reader(log([1, 2, 3, 4, 5].map((n) => event(n, n * 100))).read, { start: 0, end: 1000 }, 300);
  await reader.older();
  expect(ids(reader)[0]).toBe('e3');
  const before = reader.getState().buffer.above;
  await reader.newer();
  expect(ids(reader)).toEqual(['e5', 'e4', 'e3', 'e2', 'e1']);
  expect(reader.getState().buffer.above - before).toBe(2);
  expect(reader.getState().newerDone).toBe(true);
});

test('past the limit the other end is dropped, and read again on the way back', async () => {
  const count = 60_000;
  const events = Array.from({ length: count }, (_, i) => event(i, 1000 + Math.floor(i / 3)));
  const reader = new Reader(log(events).read, { start: 1000, end: 1000 + count / 3 });
  await readAll(reader);
  expect(ids(reader)).toHaveLength(50_000);
  expect(ids(reader).at(-1)).toBe('e0');
  expect(reader.getState().newerDone).toBe(false);
  for (let i = 0; i < 100 && !reader.getState().newerDone; i++) {
    await reader.newer();
  }
  expect(ids(reader)[0]).toBe(`e${count - 1}`);
  expect(new Set(ids(reader)).size).toBe(50_000);
  expect(reader.getState().olderDone).toBe(false);
  await readAll(reader);
  expect(ids(reader).at(-1)).toBe('e0');
  expect(new Set(ids(reader)).size).toBe(50_000);
});

test('an error is kept and the next try goes on', async () => {
  let fail = true;
  const { read } = log([event(1, 5)]);
  const reader = new Reader((r, s) => (fail ? Promise.reject(new Error('no')) : read(r, s)), { start: 0, end: 10 });
  await reader.older();
  expect(reader.getState()).toMatchObject({ error: new Error('no'), busy: null });
  fail = false;
  await reader.older();
  expect(reader.getState().error).toBeUndefined();
  expect(ids(reader)).toEqual(['e1']);
});

test('what arrives after stop changes nothing', async () => {
  let answer: (page: Page) => void = () => undefined;
  const reader = new Reader(() => new Promise((resolve) => (answer = resolve)), { start: 0, end: 10 });
  const work = reader.older();
  reader.stop();
  answer({ events: [event(1, 5)] });
  await work;
  expect(ids(reader)).toEqual([]);
});

describe('the buffer', () => {
  const entry = (id: string, timestamp: number) => parseEntry({ key: id, id, stream: 's', timestamp, ingestionTime: 0, message: '' });

  test('late entries find their place, none is held twice', () => {
    let buffer = addNewer(emptyBuffer, [entry('a', 1), entry('c', 3)]);
    buffer = addNewer(buffer, [entry('b', 2), entry('c', 3), entry('d', 3)]);
    expect(buffer.entries.map((e) => e.key)).toEqual(['d', 'c', 'b', 'a']);
    expect(buffer.above).toBe(4);
  });

  test('dropping above moves the list', () => {
    const buffer = addOlder(addNewer(emptyBuffer, [entry('b', 2), entry('c', 3)]), [entry('b', 2), entry('a', 1)], 2);
    expect(buffer).toMatchObject({ above: 1, dropped: 1 });
    expect(buffer.entries.map((e) => e.key)).toEqual(['b', 'a']);
  });
});
