// Documentation parts: what may be documented, and how a part is named.
import type { DocumentationPart, DocumentationPartLocation, DocumentationPartType } from '@aws-sdk/client-api-gateway';

export type Member = 'path' | 'method' | 'statusCode' | 'name';

/** What a location of each type has beside it. */
export const members: Record<DocumentationPartType, Member[]> = {
  API: [],
  RESOURCE: ['path'],
  METHOD: ['path', 'method'],
  PATH_PARAMETER: ['path', 'method', 'name'],
  QUERY_PARAMETER: ['path', 'method', 'name'],
  REQUEST_HEADER: ['path', 'method', 'name'],
  REQUEST_BODY: ['path', 'method'],
  RESPONSE: ['path', 'method', 'statusCode'],
  RESPONSE_HEADER: ['path', 'method', 'statusCode', 'name'],
  RESPONSE_BODY: ['path', 'method', 'statusCode'],
  MODEL: ['name'],
  AUTHORIZER: ['name'],
};

export const partTypes = Object.keys(members) as DocumentationPartType[];

/** Where a part belongs, in one line. */
export function placeText(location: DocumentationPartLocation | undefined): string {
  const { path, method, statusCode, name } = location ?? {};
  return [method && method !== '*' ? method : '', path, statusCode && statusCode !== '*' ? statusCode : '', name].filter(Boolean).join(' ') || '-';
}

/** The words of a part: its description, else its properties as they are. */
export function words(part: DocumentationPart): string {
  try {
    const { description, summary } = JSON.parse(part.properties ?? '') as { description?: unknown; summary?: unknown };
    const said = description ?? summary;
    return typeof said === 'string' ? said : (part.properties ?? '');
  } catch {
    return part.properties ?? '';
  }
}

/** The members that a location of the type has; empty ones are left to API Gateway's defaults. */
export function locationOf(type: DocumentationPartType, given: Partial<Record<Member, string>>): DocumentationPartLocation {
  const filled = members[type].flatMap((m) => (given[m]?.trim() ? [[m, given[m].trim()]] : []));
  return { type, ...(Object.fromEntries(filled) as Partial<Record<Member, string>>) };
}
