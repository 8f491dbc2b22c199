// A map as the rows of a form: names may be empty or double while somebody types.

export interface Row<V> {
  name: string;
  value: V;
}

export function rowsOf<V>(map: Record<string, V> | undefined): Row<V>[] {
  return Object.entries(map ?? {}).sort(([a], [b]) => a.localeCompare(b)).map(([name, value]) => ({ name, value }));
}

/** Rows without a name are left out. */
export function mapOf<V>(rows: readonly Row<V>[], prefix = ''): Record<string, V> {
  return Object.fromEntries(rows.filter((r) => r.name.trim()).map((r) => [prefix + r.name.trim(), r.value]));
}

/** The first name that is there twice; undefined where none is. */
export function twice(rows: readonly Row<unknown>[]): string | undefined {
  const names = rows.map((r) => r.name.trim()).filter(Boolean);
  return names.find((name, i) => names.indexOf(name) !== i);
}

/** The part of a map whose names begin with a prefix, as rows without it. */
export function rowsBelow<V>(map: Record<string, V> | undefined, prefix: string): Row<V>[] {
  return rowsOf(map).filter((r) => r.name.startsWith(prefix)).map((r) => ({ ...r, name: r.name.slice(prefix.length) }));
}
