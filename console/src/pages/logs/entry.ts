// An access log entry taken apart into the fields of its own format. Pure; knows nothing of where entries come from.

export type Format = 'json' | 'clf' | 'csv' | 'xml' | 'text';

export interface Entry {
  /** Unique among the entries of one view. */
  key: string;
  /** FilterLogEvents' event ID; GetLogEvents gives none. */
  id?: string;
  stream: string;
  /** Its log group, where a view shows several. */
  group?: string;
  /** Milliseconds since 1970. */
  timestamp: number;
  ingestionTime: number;
  message: string;
  format: Format;
  /** In the order of the line; text has none. */
  fields: ReadonlyMap<string, string>;
  statusClass: StatusClass;
}

export const statusClasses = ['2xx', '3xx', '4xx', '5xx', 'other'] as const;
export type StatusClass = (typeof statusClasses)[number];

/** What a field means, whatever a format calls it. */
export type Meaning = 'status' | 'latency' | 'method' | 'path' | 'ip' | 'requestId' | 'protocol' | 'length' | 'time';

// In lower case, the most telling name first.
const names: Record<Meaning, readonly string[]> = {
  status: ['status', 'statuscode', 'status_code', 'responsestatus', 'code'],
  latency: ['responselatency', 'latency', 'latencyms', 'integrationlatency', 'duration', 'durationms', 'request_time'],
  method: ['httpmethod', 'method', 'request_method', 'verb'],
  path: ['path', 'resourcepath', 'uri', 'request_uri', 'url'],
  ip: ['ip', 'sourceip', 'source_ip', 'remote_addr', 'clientip', 'client_ip', 'address'],
  requestId: ['requestid', 'request_id', 'extendedrequestid'],
  protocol: ['protocol'],
  length: ['responselength', 'bytes', 'body_bytes_sent', 'length'],
  time: ['requesttime', 'requesttimeepoch', '_time', 'time', 'timestamp'],
};

const meanings = new Map<string, Meaning>(
  Object.entries(names).flatMap(([meaning, all]) => all.map((name) => [name, meaning as Meaning])),
);

export function meaningOf(field: string): Meaning | undefined {
  return meanings.get(field.toLowerCase());
}

/** The field of an entry that tells the meaning best, by name and value. */
export function find(fields: ReadonlyMap<string, string>, meaning: Meaning): { name: string; value: string } | undefined {
  let best: { name: string; value: string; rank: number } | undefined;
  for (const [name, value] of fields) {
    const rank = names[meaning].indexOf(name.toLowerCase());
    if (rank >= 0 && value !== '' && value !== '-' && (!best || rank < best.rank)) {
      best = { name, value, rank };
    }
  }
  return best;
}

export interface LogEvent {
  key: string;
  id?: string;
  stream: string;
  group?: string;
  timestamp: number;
  ingestionTime: number;
  message: string;
}

export function parseEntry(event: LogEvent): Entry {
  const { format, fields } = parseMessage(event.message);
  return { ...event, format, fields, statusClass: classOf(find(fields, 'status')?.value) };
}

export function classOf(status: string | undefined): StatusClass {
  if (!status || !/^[1-5]\d\d$/.test(status)) {
    return 'other';
  }
  const known = `${status[0]}xx` as StatusClass;
  return statusClasses.includes(known) ? known : 'other';
}

/** The milliseconds of a latency field's value. Names that count seconds are the few of NGINX. */
export function milliseconds(field: string, value: string): number | undefined {
  const n = Number(value);
  if (value.trim() === '' || !Number.isFinite(n) || n < 0) {
    return undefined;
  }
  return field.toLowerCase() === 'request_time' ? n * 1000 : n;
}

interface Parsed {
  format: Format;
  fields: Map<string, string>;
}

export function parseMessage(message: string): Parsed {
  const line = message.trim();
  return json(line) ?? xml(line) ?? clf(line) ?? csv(line) ?? { format: 'text', fields: new Map() };
}

function json(line: string): Parsed | undefined {
  if (!line.startsWith('{')) {
    return undefined;
  }
  try {
    const fields = new Map<string, string>();
    flatten(JSON.parse(line) as Record<string, unknown>, '', fields);
    return { format: 'json', fields };
  } catch {
    return undefined;
  }
}

const maxFields = 200; // as Logs Insights discovers

/** Puts the leaves of an object in fields, named as Logs Insights names them: a.b.0.c */
function flatten(value: object, prefix: string, fields: Map<string, string>): void {
  for (const [name, inner] of Object.entries(value)) {
    if (fields.size >= maxFields) {
      return;
    }
    if (inner !== null && typeof inner === 'object') {
      flatten(inner as object, `${prefix}${name}.`, fields);
    } else {
      fields.set(prefix + name, String(inner));
    }
  }
}

const clfNames = ['ip', 'caller', 'user', 'requestTime', 'httpMethod', 'resourcePath', 'protocol', 'status', 'responseLength'];
const clfLine = /^(\S+) (\S+) (\S+) \[([^\]]*)\] ?"(?:(\S+) (\S+)(?: ([^" ]+))?|[^"]*)" (\d{3}|-) (\d+|-)(?: (.*))?$/;

/** The common log format, as API Gateway's CLF format and as web servers write it. */
function clf(line: string): Parsed | undefined {
  const parts = clfLine.exec(line);
  if (!parts) {
    return undefined;
  }
  const fields = new Map(clfNames.map((name, i) => [name, parts[i + 1] ?? '']));
  const rest = parts[10];
  if (rest?.startsWith('"')) {
    const [referer = '', userAgent = ''] = [...rest.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((m) => m[1] ?? '');
    fields.set('referer', referer).set('userAgent', userAgent);
  } else if (rest) {
    const [requestId = '', extendedRequestId] = rest.split(' ');
    fields.set('requestId', requestId);
    if (extendedRequestId) {
      fields.set('extendedRequestId', extendedRequestId);
    }
  }
  return { format: 'clf', fields };
}

const csvNames = [...clfNames, 'requestId', 'extendedRequestId'];

/** API Gateway's CSV format gives its fields' names; other lines of five values and more are numbered. */
function csv(line: string): Parsed | undefined {
  if (line.split(',', 5).length < 5 || line.length > 10_000) {
    return undefined;
  }
  const values = splitCSV(line);
  if (values.length < 5 || values.some((v) => v.length > 1000)) {
    return undefined;
  }
  const known = /^\d{3}$/.test(values[7] ?? '') && values.length >= 9 && values.length <= csvNames.length;
  return { format: 'csv', fields: new Map(values.map((v, i) => [known ? csvNames[i]! : `column${i + 1}`, v])) };
}

function splitCSV(line: string): string[] {
  const values = [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)];
  return values.map(([, quoted, plain]) => (quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"')).trim());
}

const element = /<([A-Za-z_][\w.-]*)(?:\s[^<>]*)?>([^<>]*)<\/\1>/g;
const attribute = /([A-Za-z_][\w.-]*)="([^"]*)"/g;

/** One element with attributes and elements of text in it, as API Gateway's XML format. */
function xml(line: string): Parsed | undefined {
  const open = /^<([A-Za-z_][\w.-]*)((?:\s[^<>]*)?)>/.exec(line);
  if (!open || !line.endsWith(`</${open[1]}>`)) {
    return undefined;
  }
  const fields = new Map<string, string>();
  for (const [, name = '', value = ''] of (open[2] ?? '').matchAll(attribute)) {
    fields.set(open[1] === 'request' && name === 'id' ? 'requestId' : name, unescapeXML(value));
  }
  const inner = line.slice(open[0].length, line.lastIndexOf('</'));
  for (const [, name = '', value = ''] of inner.matchAll(element)) {
    fields.set(name, unescapeXML(value));
  }
  return fields.size ? { format: 'xml', fields } : undefined;
}

const entities: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&apos;': "'", '&amp;': '&' };

function unescapeXML(text: string): string {
  return text.replace(/&(?:lt|gt|quot|apos|amp);/g, (e) => entities[e] ?? e);
}

/** A message for people: JSON over several lines, all else as it is. */
export function pretty(message: string): string {
  try {
    return JSON.stringify(JSON.parse(message), null, 2);
  } catch {
    return message;
  }
}
