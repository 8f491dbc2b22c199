// What a live tail shows, behind the # of its address. Pure.

export interface TailWish {
  groups: readonly string[];
  pattern: string;
}

export function tailOf(hash: string): TailWish {
  const values = new URLSearchParams(hash.replace(/^#/, ''));
  return { groups: values.getAll('group'), pattern: values.get('filter') ?? '' };
}

export function tailHash({ groups, pattern }: TailWish): string {
  const values = new URLSearchParams();
  groups.forEach((group) => values.append('group', group));
  if (pattern) {
    values.set('filter', pattern);
  }
  return `#${values.toString()}`;
}

/** The address of a live tail, below /console. */
export function liveTailPath(groups: readonly string[], pattern = ''): string {
  return `/logs/live-tail${tailHash({ groups, pattern })}`;
}

/** What is to be marked, as a regular expression that finds each place; undefined for nothing. */
export function highlightOf(text: string): RegExp | undefined {
  const words = text.split(',').map((w) => w.trim()).filter((w) => w !== '');
  return words.length === 0 ? undefined : new RegExp(words.map((w) => w.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'), 'gi');
}
