// What has to be done to turn one set of tags into another. Pure.

export interface Tag {
  key: string;
  value: string;
}

/** Tags as AWS' maps hold them, sorted by key. */
export function tagsOf(map: Record<string, string> | undefined): Tag[] {
  return Object.entries(map ?? {}).map(([key, value]) => ({ key, value })).sort((a, b) => a.key.localeCompare(b.key));
}

/** The tags to put, new or with another value, and the keys to take away. */
export function changesOf(before: readonly Tag[], after: readonly Tag[]): { put: Tag[]; remove: string[] } {
  const old = new Map(before.map((t) => [t.key, t.value]));
  const kept = new Set(after.map((t) => t.key));
  return { put: after.filter((t) => old.get(t.key) !== t.value), remove: [...old.keys()].filter((key) => !kept.has(key)) };
}

/** Why tags cannot be saved, or undefined. AWS judges the rest. */
export function tagsProblem(tags: readonly Tag[]): string | undefined {
  if (tags.some((t) => t.key === '')) {
    return 'Each tag needs a key.';
  }
  return new Set(tags.map((t) => t.key)).size < tags.length ? 'A key can be used once.' : undefined;
}
