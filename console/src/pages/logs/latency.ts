import { meaningOf, milliseconds, type Entry } from './entry';

/** The latency whose bar is full: the 99th of 100 among the first 2,000 entries, so that one slow call hides no other. */
export function slowestOf(entries: readonly Entry[]): number {
  const found: number[] = [];
  for (const entry of entries.slice(0, 2000)) {
    for (const [name, value] of entry.fields) {
      if (meaningOf(name) === 'latency') {
        const ms = milliseconds(name, value);
        if (ms !== undefined) {
          found.push(ms);
        }
      }
    }
  }
  found.sort((a, b) => a - b);
  return found[Math.floor((found.length - 1) * 0.99)] ?? 0;
}
