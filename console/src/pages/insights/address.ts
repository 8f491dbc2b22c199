// What a Logs Insights page shows, as it stands behind the # of its address: no server sees it, and it may be long. Pure.
import { formatRange, parseRange, type TimeRange } from '../../components/time/timeRange';

export interface Wish {
  groups: readonly string[];
  text: string;
  range: TimeRange;
}

export const firstQuery = 'fields @timestamp, @message\n| sort @timestamp desc\n| limit 1000';

const firstRange: TimeRange = { type: 'relative', amount: 1, unit: 'hour' };

export function wishOf(hash: string): Wish {
  const values = new URLSearchParams(hash.replace(/^#/, ''));
  return {
    groups: values.getAll('group'),
    text: values.get('query') ?? firstQuery,
    range: parseRange(values.get('range')) ?? firstRange,
  };
}

export function hashOf({ groups, text, range }: Wish): string {
  const values = new URLSearchParams();
  groups.forEach((group) => values.append('group', group));
  values.set('range', formatRange(range));
  values.set('query', text);
  return `#${values.toString()}`;
}

/** The page's address for a wish, below /console. */
export function insightsPath(wish: Partial<Wish>): string {
  return `/logs/insights${hashOf({ groups: [], text: firstQuery, range: firstRange, ...wish })}`;
}

/** A query as the history has it: with its groups and times in front, which are taken off. */
export function fromHistory(stored: string): Wish {
  const m = /^SOURCE\s+(.*?)\s+START=(\d+)\s+END=(\d+)\s*\|\s*(.*)$/s.exec(stored);
  if (!m) {
    return { groups: [], text: stored, range: firstRange };
  }
  const groups = [...m[1]!.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((g) => g[1]!.replace(/\\(.)/g, '$1'));
  const [startDate, endDate] = [m[2], m[3]].map((ms) => new Date(Number(ms)).toISOString());
  return { groups, text: m[4]!, range: { type: 'absolute', startDate: startDate!, endDate: endDate! } };
}
