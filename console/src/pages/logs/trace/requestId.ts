// Which request an entry is of.
import { find } from '../entry';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const executionLine = /^\(([0-9A-Za-z_=+/-]{8,128})\) /;

/** The form of request IDs. */
export const requestIdForm = /^[0-9A-Za-z_=+/-]{8,128}$/;

/**
 * The request ID that an entry tells: of its field requestId or @requestId, whatever a format calls it, or in front of a
 * line of an execution log. Undefined where there is none.
 */
export function requestIdOf(fields: ReadonlyMap<string, string>, message: string): string | undefined {
  const line = executionLine.exec(message)?.[1];
  if (line) {
    return line;
  }
  const field = find(fields, 'requestId');
  if (field && field.name.toLowerCase() !== 'extendedrequestid') {
    return field.value;
  }
  return fields.get('@requestId') ?? [...fields.values()].find((value) => uuid.test(value));
}
