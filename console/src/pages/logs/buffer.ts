// The entries that a view holds: one unbroken stretch of the log, newest first, bounded. Pure.
import type { Entry } from './entry';

export interface Buffer {
  /** Newest first. */
  readonly entries: readonly Entry[];
  /** Grows by one for each entry put before the first, shrinks for each dropped there: what a list needs to stand still. */
  readonly above: number;
}

export const emptyBuffer: Buffer = { entries: [], above: 0 };

/** The most entries held; reading on drops those at the other end. */
export const bufferLimit = 50_000;

/**
 * Adds entries older than those held, newest first; those of the oldest millisecond that are held already (by key) are
 * left out, the newest are dropped where there are too many.
 */
export function addOlder(buffer: Buffer, older: readonly Entry[], limit = bufferLimit): Buffer & { dropped: number } {
  const last = buffer.entries.at(-1)?.timestamp;
  const held = new Set<string>();
  for (let i = buffer.entries.length - 1; i >= 0 && buffer.entries[i]!.timestamp === last; i--) {
    held.add(buffer.entries[i]!.key);
  }
  const all = buffer.entries.concat(held.size === 0 ? older : older.filter((e) => !held.has(e.key)));
  const dropped = Math.max(0, all.length - limit);
  return { entries: all.slice(dropped), above: buffer.above - dropped, dropped };
}

/**
 * Adds entries newer than or among the newest held, oldest first; those already held (by key) are left out, the oldest
 * are dropped where there are too many.
 */
export function addNewer(buffer: Buffer, newer: readonly Entry[], limit = bufferLimit): Buffer & { added: number; dropped: number } {
  const first = newer.reduce((least, e) => Math.min(least, e.timestamp), Infinity);
  let overlap = 0;
  while (overlap < buffer.entries.length && buffer.entries[overlap]!.timestamp >= first) {
    overlap++;
  }
  const held = new Set(buffer.entries.slice(0, overlap).map((e) => e.key));
  const fresh = newer.filter((e) => !held.has(e.key)).reverse();
  if (fresh.length === 0) {
    return { ...buffer, added: 0, dropped: 0 };
  }
  const head = overlap === 0 ? fresh : merge(fresh, buffer.entries.slice(0, overlap));
  const all = head.concat(buffer.entries.slice(overlap));
  const entries = all.slice(0, limit);
  return { entries, above: buffer.above + fresh.length, added: fresh.length, dropped: all.length - entries.length };
}

/** Merges two lists of newest-first entries; of equal times those of a come first, as they arrived later. */
function merge(a: readonly Entry[], b: readonly Entry[]): Entry[] {
  const merged: Entry[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    merged.push(a[i]!.timestamp >= b[j]!.timestamp ? a[i++]! : b[j++]!);
  }
  return merged.concat(a.slice(i), b.slice(j));
}
