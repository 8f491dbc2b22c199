// Filter patterns made for the reader, from what an entry holds. Pure.
import type { Entry } from './entry';

/** A pattern that matches entries of the same format with the same values of these fields. */
export function patternFor(entry: Entry, fields: readonly string[]): string | undefined {
  const values = fields.flatMap((name) => {
    const value = entry.fields.get(name);
    return value ? [{ name, value }] : [];
  });
  if (values.length === 0) {
    return undefined;
  }
  if (entry.format !== 'json') {
    return values.map(({ value }) => quote(value)).join(' '); // all of the terms, anywhere in the line
  }
  const line: unknown = JSON.parse(entry.message);
  const terms = values.map(({ name, value }) => `${selector(name)} = ${isNumber(line, name) ? value : quote(value)}`);
  return `{ ${terms.join(' && ')} }`;
}

const quote = (value: string) => `"${value.replace(/["\\]/g, '\\$&')}"`;

/** Whether the line has a number at the flat name: a pattern compares it with a number, not with text. */
function isNumber(line: unknown, name: string): boolean {
  const at = name.split('.').reduce<unknown>((v, part) => (v as Record<string, unknown> | undefined)?.[part], line);
  return typeof at === 'number';
}

/** $.a.b[0] of the flat name a.b.0; names with other characters in brackets. */
function selector(name: string): string {
  return name.split('.').reduce((path, part) => {
    if (/^\d+$/.test(part)) {
      return `${path}[${part}]`;
    }
    return /^[A-Za-z_][\w-]*$/.test(part) ? `${path}.${part}` : `${path}['${part}']`;
  }, '$');
}
