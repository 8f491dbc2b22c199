// Addresses of the log pages. Names stand in the query, since they hold slashes.

export function groupPath(group: string, tab?: string): string {
  return `/logs/group?${query({ group, tab })}`;
}

export function streamPath(group: string, stream: string): string {
  return `/logs/stream?${query({ group, stream })}`;
}

/** The address of one entry: whoever has it finds the entry as long as it is kept. */
export function entryPath(at: { group: string; stream: string; timestamp: number; id: string; region: string }): string {
  const { group, stream, timestamp, id, region } = at;
  return `/logs/entry?${query({ group, stream, at: String(timestamp), id, region })}`;
}

/** The trace of a request; a time near it (milliseconds since 1970) shortens the search. */
export function tracePath(id: string, at?: number): string {
  return `/logs/trace?${query({ id, at: at === undefined ? undefined : String(at) })}`;
}

function query(values: Record<string, string | undefined>): string {
  const q = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) {
      q.set(name, value);
    }
  }
  return q.toString().replaceAll('%2F', '/');
}
