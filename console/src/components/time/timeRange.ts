// Ranges of time: the last so and so long, or from here to there. Pure.

export type Unit = 'second' | 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year';

export type TimeRange =
  | { type: 'relative'; amount: number; unit: Unit }
  /** ISO 8601 with offset. */
  | { type: 'absolute'; startDate: string; endDate: string };

const milliseconds: Record<Unit, number> = {
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 7 * 86_400_000,
  month: 30 * 86_400_000,
  year: 365 * 86_400_000,
};

/** First and last millisecond of a range, both inclusive. */
export function resolve(range: TimeRange, now: number): { start: number; end: number } {
  if (range.type === 'relative') {
    return { start: Math.max(0, now - range.amount * milliseconds[range.unit]), end: now };
  }
  return { start: Date.parse(range.startDate), end: Date.parse(range.endDate) };
}

/** What is wrong with a range, or undefined. */
export function rangeProblem(range: TimeRange): string | undefined {
  if (range.type === 'relative') {
    return range.amount > 0 ? undefined : 'Say how long.';
  }
  const { start, end } = resolve(range, 0);
  if (Number.isNaN(start) || Number.isNaN(end)) {
    return 'Choose a start and an end.';
  }
  return start < end ? undefined : 'The end must be after the start.';
}

/** A range as it stands in an address: "30m", "3h", or "START--END" of ISO times. */
export function formatRange(range: TimeRange): string {
  return range.type === 'relative' ? `${range.amount}${letters[range.unit]}` : `${range.startDate}--${range.endDate}`;
}

const letters: Record<Unit, string> = { second: 's', minute: 'm', hour: 'h', day: 'd', week: 'w', month: 'M', year: 'y' };

/** A range as people say it: "Last 1 hour", or from when to when in the reader's zone. */
export function rangeText(range: TimeRange): string {
  if (range.type === 'relative') {
    return `Last ${range.amount} ${range.unit}${range.amount === 1 ? '' : 's'}`;
  }
  const { start, end } = resolve(range, 0);
  return `${formatTime(start).slice(0, 19)} – ${formatTime(end).slice(0, 19)}`;
}

/** Reads a range as it stands in an address; undefined where it is none. */
export function parseRange(text: string | null): TimeRange | undefined {
  const relative = /^(\d{1,6})([smhdwMy])$/.exec(text ?? '');
  if (relative) {
    const unit = (Object.keys(letters) as Unit[]).find((u) => letters[u] === relative[2])!;
    return { type: 'relative', amount: Number(relative[1]), unit };
  }
  const [startDate, endDate] = text?.split('--') ?? [];
  const range: TimeRange = { type: 'absolute', startDate: startDate ?? '', endDate: endDate ?? '' };
  return rangeProblem(range) ? undefined : range;
}

/** The range around a stretch of time, to zoom to. */
export function absolute(start: number, end: number): TimeRange {
  return { type: 'absolute', startDate: new Date(start).toISOString(), endDate: new Date(end).toISOString() };
}

const pad = (n: number, digits = 2) => String(n).padStart(digits, '0');

/** A time in the reader's zone: 2026-11-23 14:03:12.345 */
export function formatTime(timestamp: number): string {
  const d = new Date(timestamp);
  return `${formatDay(d)} ${formatClock(d)}.${pad(d.getMilliseconds(), 3)}`;
}

export function formatDay(d: Date): string {
  return `${d.getFullYear()}-${pad(d.getMonth() + 1)}-${pad(d.getDate())}`;
}

export function formatClock(d: Date): string {
  return `${pad(d.getHours())}:${pad(d.getMinutes())}:${pad(d.getSeconds())}`;
}

/** A time as short as the width of a step needs: 14:03, 14:03:12 or 11-23 14:00. */
export function formatTick(timestamp: number, step: number, span: number): string {
  const d = new Date(timestamp);
  const clock = step < 1000 ? `${formatClock(d)}.${pad(d.getMilliseconds(), 3)}` : step < 60_000 ? formatClock(d) : formatClock(d).slice(0, 5);
  if (step >= 86_400_000) {
    return formatDay(d);
  }
  return span > 86_400_000 ? `${formatDay(d).slice(5)} ${clock}` : clock;
}

/** How long, in words: 350 ms, 12 s, 3 min, 2 h, 5 d. */
export function formatSpan(ms: number): string {
  const steps: [number, string][] = [[86_400_000, 'd'], [3_600_000, 'h'], [60_000, 'min'], [1000, 's']];
  const [unit, name] = steps.find(([size]) => ms >= size) ?? [1, 'ms'];
  const n = ms / unit;
  return `${n < 10 && unit > 1 ? Number(n.toFixed(1)) : Math.round(n)} ${name}`;
}

/** Reads a time that a person typed: a clock time of today, date and time in the reader's zone, ISO 8601, or epoch ms. */
export function parseTime(text: string, now: number): number | undefined {
  const t = text.trim();
  if (/^\d{10}$|^\d{13}$/.test(t)) {
    return t.length === 10 ? Number(t) * 1000 : Number(t);
  }
  if (/^\d{1,2}:\d{2}(:\d{2}(\.\d{1,3})?)?$/.test(t)) {
    return valid(Date.parse(`${formatDay(new Date(now))}T${t.padStart(t.indexOf(':') === 1 ? t.length + 1 : t.length, '0')}`));
  }
  if (!/^\d{4}-\d{2}-\d{2}/.test(t)) {
    return undefined;
  }
  return valid(Date.parse(t.length === 10 ? `${t}T00:00` : t.replace(' ', 'T')));
}

const valid = (time: number) => (Number.isNaN(time) ? undefined : time);
