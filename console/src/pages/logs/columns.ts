// Which fields of its entries a log group shows as columns, and how wide. Pure, except for what the browser keeps.
import { meaningOf, type Entry, type Meaning } from './entry';

export interface Column {
  /** The field's name; "@" names are ours: @timestamp, @message, @stream. */
  id: string;
  meaning?: Meaning;
}

export interface Choice {
  id: string;
  visible: boolean;
}

export const timeColumn = '@timestamp';
export const messageColumn = '@message';
export const streamColumn = '@logStream';

const hiddenAtFirst: (Meaning | string)[] = ['time', 'protocol', 'extendedRequestId', 'caller', 'user', 'userAgent', 'referer'];

/** Every column that the entries offer, in the order of their fields; looks at the first few hundred. */
export function columnsOf(entries: readonly Entry[]): string[] {
  const fields = new Set<string>();
  for (const entry of entries.slice(0, 300)) {
    for (const name of entry.fields.keys()) {
      fields.add(name);
    }
  }
  return [timeColumn, ...fields, messageColumn, streamColumn];
}

const order: Meaning[] = ['status', 'method', 'path', 'latency', 'ip', 'length', 'requestId'];

/** The columns of a group whose reader has chosen none: what an access log is read for first, then the rest. */
export function firstChoice(ids: readonly string[]): Choice[] {
  const fields = ids.filter((id) => !id.startsWith('@'));
  const rank = (id: string) => {
    const at = order.indexOf(meaningOf(id) as Meaning);
    return at < 0 ? order.length : at;
  };
  const sorted = [...fields].sort((a, b) => rank(a) - rank(b));
  const hidden = new Set(fields.filter((f) => hiddenAtFirst.includes(f) || hiddenAtFirst.includes(meaningOf(f) ?? '')));
  const visible = sorted.filter((f) => !hidden.has(f)).slice(0, 9);
  return [
    { id: timeColumn, visible: true },
    ...visible.map((id) => ({ id, visible: true })),
    ...sorted.filter((f) => !visible.includes(f)).map((id) => ({ id, visible: false })),
    { id: messageColumn, visible: fields.length === 0 },
    { id: streamColumn, visible: false },
  ];
}

/** A reader's choice with the columns added that did not exist when it was made. */
export function withNew(choice: readonly Choice[], ids: readonly string[]): Choice[] {
  const chosen = new Set(choice.map((c) => c.id));
  return [...choice.filter((c) => ids.includes(c.id)), ...ids.filter((id) => !chosen.has(id)).map((id) => ({ id, visible: false }))];
}

const key = (group: string) => `tollbook.columns.${group}`;

export function loadChoice(group: string): Choice[] | undefined {
  try {
    return JSON.parse(localStorage.getItem(key(group)) ?? 'null') as Choice[] | undefined ?? undefined;
  } catch {
    return undefined;
  }
}

export function saveChoice(group: string, choice: readonly Choice[] | undefined): void {
  if (choice) {
    localStorage.setItem(key(group), JSON.stringify(choice));
  } else {
    localStorage.removeItem(key(group));
  }
}

/** Least width in pixels, and the share of what is left over. */
type Track = readonly [least: number, share: number];

const tracks: Partial<Record<Meaning, Track>> = {
  status: [84, 0], latency: [150, 0], method: [92, 0], ip: [128, 0], length: [118, 0], protocol: [90, 0], time: [200, 0],
  path: [170, 1], requestId: [150, 1],
};

function trackOf(id: string): Track {
  if (id.startsWith('@')) {
    return id === messageColumn ? [420, 6] : id === timeColumn ? [178, 0] : [200, 1];
  }
  const meaning = meaningOf(id);
  return (meaning && tracks[meaning]) ?? [110, 1];
}

const gap = 16;
const padding = 56; // of a row, left and right together

/** The columns as tracks of a CSS grid, and the least width of a row; the header and all rows share them. */
export function gridOf(ids: readonly string[]): { gridTemplateColumns: string; minInlineSize: number } {
  const all = ids.map(trackOf);
  const gridTemplateColumns = all.map(([least, share]) => (share ? `minmax(${least}px, ${share}fr)` : `${least}px`)).join(' ');
  return { gridTemplateColumns, minInlineSize: all.reduce((sum, [least]) => sum + least + gap, padding - gap) };
}

export function headingOf(id: string): string {
  return { [timeColumn]: 'Time', [messageColumn]: 'Message', [streamColumn]: 'Log stream' }[id] ?? id;
}
