// A request made anew from an entry of an access log. Pure, except for send.
import { find, type Entry } from './entry';

export interface Header {
  name: string;
  value: string;
}

export interface ReplayRequest {
  apiId: string;
  stage: string;
  method: string;
  /** Below the stage, beginning with a slash; with the query where there is one. */
  path: string;
  headers: Header[];
  body: string;
}

export interface Answer {
  status: number;
  statusText: string;
  headers: Header[];
  body: string;
  /** From sending to the last byte, in milliseconds. */
  took: number;
  requestId?: string;
}

export const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];

/** Which API and stage a log group belongs to by the name that API Gateway's console proposes. */
export function stageOfGroup(group: string): { apiId: string; stage: string } | undefined {
  const parts = /^API-Gateway-(?:Access|Execution)-Logs_([a-z0-9]+)\/([\w-]+)$/.exec(group);
  return parts ? { apiId: parts[1]!, stage: parts[2]! } : undefined;
}

/** The request that an entry tells of, as far as it tells. */
export function requestOf(entry: Entry, group: string): ReplayRequest {
  const named = stageOfGroup(group);
  const value = (...names: string[]) => names.map((n) => entry.fields.get(n)).find((v) => v !== undefined && v !== '' && v !== '-');
  const apiId = value('apiId') ?? named?.apiId ?? '';
  const stage = value('stage') ?? named?.stage ?? '';
  const method = (find(entry.fields, 'method')?.value ?? 'GET').toUpperCase();
  return {
    apiId,
    stage,
    method: methods.includes(method) ? method : 'GET',
    path: belowStage(find(entry.fields, 'path')?.value ?? '/', stage),
    headers: [],
    body: '',
  };
}

/** $context.path begins with the stage, $context.resourcePath does not. */
function belowStage(path: string, stage: string): string {
  const below = stage && (path === `/${stage}` || path.startsWith(`/${stage}/`)) ? path.slice(stage.length + 1) : path;
  return below.startsWith('/') ? below : `/${below}`;
}

/** The {parameters} of a resource path, which an entry may not tell the values of. */
export function placeholders(path: string): string[] {
  return [...path.matchAll(/\{([^{}]+)\}/g)].map((m) => m[1]!);
}

/** Why a request cannot be sent yet, or undefined. */
export function replayProblem(request: ReplayRequest): string | undefined {
  if (!request.apiId || !request.stage) {
    return 'Say which API and stage it goes to.';
  }
  const open = placeholders(request.path.split('?')[0]!);
  return open.length > 0 ? `Put a value in place of {${open.join('}, {')}} in the path.` : undefined;
}

/** Where the API listener answers for a stage: the page's own origin, so no other host is asked. */
export function replayURL({ apiId, stage, path }: ReplayRequest): string {
  return `/restapis/${encodeURIComponent(apiId)}/${encodeURIComponent(stage)}/_user_request_${path}`;
}

export async function send(request: ReplayRequest, signal: AbortSignal): Promise<Answer> {
  const withBody = request.body !== '' && request.method !== 'GET' && request.method !== 'HEAD';
  const started = performance.now();
  const response = await fetch(replayURL(request), {
    method: request.method,
    headers: request.headers.filter((h) => h.name.trim() !== '').map((h): [string, string] => [h.name.trim(), h.value]),
    body: withBody ? request.body : undefined,
    cache: 'no-store',
    credentials: 'omit',
    redirect: 'manual',
    signal,
  });
  const body = await response.text();
  return {
    status: response.status,
    statusText: response.statusText,
    headers: [...response.headers].map(([name, value]) => ({ name, value })),
    body,
    took: performance.now() - started,
    requestId: response.headers.get('x-amzn-requestid') ?? undefined,
  };
}
