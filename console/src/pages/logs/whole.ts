// The histogram of a whole time range, asked of Logs Insights, so that no entry has to be read for it. Pure.
import { fieldName, quoted, timeOf, type Row } from '../../aws/queries';
import { classOf, find, type Entry, type StatusClass } from './entry';

/** How the status is got out of an entry, by what the entries held show. */
export interface StatusSource {
  /** A command that makes the field, or none where it is a field of its own. */
  parse?: string;
  field: string;
}

const parsed = 'tollbookStatus';

/** Where a log's entries keep their status; undefined where they show none. */
export function statusSource(entries: readonly Entry[]): StatusSource | undefined {
  const entry = entries.find((e) => e.statusClass !== 'other');
  const name = entry && find(entry.fields, 'status')?.name;
  if (!entry || !name) {
    return undefined;
  }
  switch (entry.format) {
    case 'json':
      return { field: fieldName(name) };
    case 'clf':
      return { parse: `parse @message /" (?<${parsed}>[1-5]\\d\\d) /`, field: parsed };
    case 'csv':
      return { parse: `parse @message /^(?:[^,]*,){7}(?<${parsed}>[1-5]\\d\\d),/`, field: parsed };
    case 'xml':
      return { parse: `parse @message /<${name}>(?<${parsed}>[1-5]\\d\\d)</`, field: parsed };
    case 'text':
      return undefined;
  }
}

interface Wish {
  from: number;
  to: number;
  /** Of a bar, in milliseconds. */
  width: number;
  status?: StatusSource;
  stream?: string;
  /** Conditions of a filter command. */
  filters?: readonly string[];
}

const short = 10 * 60_000; // below it, the seconds that a query's range is rounded to are seen

/** The query whose rows are counts by bar and status. */
export function histogramQuery({ from, to, width, status, stream, filters = [] }: Wish): string {
  const conditions = [
    ...(stream === undefined ? [] : [`@logStream = ${quoted(stream)}`]),
    ...(to - from < short ? [`toMillis(@timestamp) >= ${from}`, `toMillis(@timestamp) <= ${to}`] : []),
    ...filters,
  ];
  const by = [`bin(${period(width)}) as bar`, ...(status ? [`${status.field} as code`] : [])];
  return [...conditions.map((c) => `filter ${c}`), ...(status?.parse ? [status.parse] : []), `stats count(*) as entries by ${by.join(', ')}`].join(' | ');
}

const units: [number, string][] = [[86_400_000, 'd'], [3_600_000, 'h'], [60_000, 'm'], [1000, 's']];

/** A width as a query's period. AWS caps the number before each unit, which the widths of histograms stay below. */
export function period(ms: number): string {
  const [size, unit] = units.find(([n]) => ms % n === 0) ?? [1, 'ms'];
  return `${ms / size}${unit}`;
}

export interface Counted {
  timestamp: number;
  statusClass: StatusClass;
  count: number;
}

/** What the rows say, as what a histogram counts. */
export function countsOf(rows: readonly Row[]): Counted[] {
  return rows.flatMap((row) => {
    const timestamp = timeOf(row.get('bar') ?? '');
    const statusClass = classOf(row.get('code'));
    return timestamp === undefined ? [] : [{ timestamp, statusClass, count: Number(row.get('entries')) }];
  });
}
