// What the keys of a plan have used, as GetUsage tells it: for each key and day, used and remaining. Pure.

export interface KeyUsage {
  keyId: string;
  name: string;
  /** Over all days. */
  total: number;
  /** Of the quota, at the end of the last day. */
  remaining: number;
  byDay: number[];
}

/** Days as AWS writes them, in UTC, both ends included. */
export function daysOf(start: string, end: string): string[] {
  const days: string[] = [];
  const last = Date.parse(end);
  for (let day = Date.parse(start); day <= last && days.length < 366; day += 86_400_000) {
    days.push(dayOf(day));
  }
  return days;
}

/** The day of a time in milliseconds since 1970, in UTC: "2026-11-23". */
export function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** Keys with what they used, who used most first. Keys without any use are among them. */
export function usageOf(items: Record<string, number[][]> | undefined, names: ReadonlyMap<string, string>): KeyUsage[] {
  return Object.entries(items ?? {})
    .map(([keyId, days]) => ({
      keyId,
      name: names.get(keyId) ?? keyId,
      total: days.reduce((sum, [used = 0]) => sum + used, 0),
      remaining: days.at(-1)?.[1] ?? 0,
      byDay: days.map(([used = 0]) => used),
    }))
    .sort((a, b) => b.total - a.total || a.name.localeCompare(b.name));
}

/** The same as a file for a spreadsheet. */
export function usageCSV(days: readonly string[], rows: readonly KeyUsage[]): string {
  const cell = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return [['Key ID', 'Name', ...days], ...rows.map((r) => [r.keyId, r.name, ...r.byDay.map(String)])].map((line) => line.map(cell).join(',')).join('\r\n') + '\r\n';
}
