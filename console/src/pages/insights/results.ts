// Rows of a query as tables, charts and files have them. Pure.
import { timeOf, type Row } from '../../aws/queries';

/** AWS' pointer to a row's entry: not for people. */
export const pointer = '@ptr';

/** The columns of rows, in the order in which they appear. */
export function columnsOf(rows: readonly Row[]): string[] {
  const columns = new Set<string>();
  rows.forEach((row) => row.forEach((_, name) => columns.add(name)));
  columns.delete(pointer);
  return [...columns];
}

export function toCSV(rows: readonly Row[]): string {
  const columns = columnsOf(rows);
  const line = (cells: string[]) => cells.map((c) => (/[",\r\n]/.test(c) ? `"${c.replaceAll('"', '""')}"` : c)).join(',');
  return [line(columns), ...rows.map((row) => line(columns.map((c) => row.get(c) ?? '')))].join('\r\n') + '\r\n';
}

export function toJSON(rows: readonly Row[]): string {
  return JSON.stringify(rows.map((row) => Object.fromEntries([...row].filter(([name]) => name !== pointer))), null, 2);
}

export interface Series {
  name: string;
  /** One for each label; undefined is a gap. */
  values: (number | undefined)[];
}

export interface ChartData {
  /** Milliseconds since 1970 where the labels are times. */
  times?: number[];
  labels: string[];
  series: Series[];
}

const number = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/**
 * What rows give to draw: a number for each label. The label is the first column of times, else the first of text; where
 * there is a time, another column of text makes a series of each of its values. Undefined where there is no number.
 */
export function chartOf(rows: readonly Row[]): ChartData | undefined {
  const columns = columnsOf(rows);
  const is = (column: string, fits: (value: string) => boolean) => rows.some((r) => r.has(column)) && rows.every((r) => fits(r.get(column) ?? '') || !r.has(column));
  const time = columns.find((c) => is(c, (v) => timeOf(v) !== undefined));
  const rest = columns.filter((c) => c !== time);
  const numeric = rest.filter((c) => is(c, (v) => number.test(v)));
  const text = rest.filter((c) => !numeric.includes(c));
  // A code such as a status is a number to look at and a label to mean: the first of several columns of numbers by itself.
  const label = time ?? text[0] ?? (numeric.length > 1 ? numeric[0] : undefined);
  const split = time ? (text.length > 0 ? text : numeric.length > 1 && rows.length > new Set(rows.map((r) => r.get(time))).size ? [numeric[0]!] : []) : text.slice(1);
  const values = numeric.filter((c) => c !== label && !split.includes(c));
  return values.length === 0 || rows.length === 0 ? undefined : dataOf(rows, label, time !== undefined, split, values);
}

function dataOf(rows: readonly Row[], label: string | undefined, timed: boolean, split: string[], values: string[]): ChartData {
  const labels = [...new Set(rows.map((r) => (label === undefined ? 'all' : (r.get(label) ?? '(none)'))))];
  if (timed) {
    labels.sort(); // as printed, times sort as text
  }
  const at = new Map(labels.map((l, i) => [l, i]));
  const series = new Map<string, Series>();
  for (const row of rows) {
    const part = split.map((c) => row.get(c) ?? '(none)').join(' ');
    for (const value of values) {
      const name = part === '' ? value : values.length > 1 ? `${part} ${value}` : part;
      const one = series.get(name) ?? { name, values: Array.from({ length: labels.length }, () => undefined) };
      series.set(name, one);
      const n = Number(row.get(value) ?? NaN);
      one.values[at.get(label === undefined ? 'all' : (row.get(label) ?? '(none)'))!] = Number.isFinite(n) ? n : undefined;
    }
  }
  return { labels, series: [...series.values()], ...(timed && { times: labels.map((l) => timeOf(l) ?? 0) }) };
}
