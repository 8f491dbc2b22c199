import { kindOf, render } from './render';
import { tokenize, variablesOf } from './tokens';
import { isVariable } from './variables';

/** How long AWS lets a format be, in bytes of UTF-8. */
export const maxFormatBytes = 3 * 1024;

/** Why AWS refuses the format for a stage of a REST API, in its own words but shorter; undefined where it takes it. */
export function refusal(format: string): string | undefined {
  const oneLine = format.replace(/\r?\n?$/, '');
  if (oneLine === '') {
    return 'Access Log value must not be empty';
  }
  if (bytesOf(format) > maxFormatBytes) {
    return `Access Log format must not be larger than ${maxFormatBytes} bytes`;
  }
  if (/[\r\n]/.test(oneLine)) {
    return 'Access Log format must be single line, new line character is allowed only at end of the format';
  }
  if (!variablesOf(oneLine).some((name) => name === 'requestId' || name === 'extendedRequestId')) {
    return 'Access Log format must include either $context.requestId or $context.extendedRequestId';
  }
  return undefined;
}

/** What AWS would take but the person hardly means. */
export function warnings(format: string): string[] {
  const found: string[] = [];
  const unknown = variablesOf(format).filter((name) => !isVariable(name));
  if (unknown.length > 0) {
    found.push(`${list(unknown.map((name) => `$context.${name}`))}: no such variable, always prints "-".`);
  }
  const other = literals(format).match(/\$\{?(?:input|util|stageVariables)\b[\w.]*/);
  if (other) {
    found.push(`${other[0]} is not evaluated in access logs; only $context variables are.`);
  }
  if (refusal(format) === undefined && kindOf(format) === 'JSON' && !isJSON(format)) {
    found.push('The entries will not be JSON: look for a missing quotation mark, comma or brace.');
  }
  return found;
}

function isJSON(format: string): boolean {
  try {
    // Every value is there: a missing number in a place without quotation marks would print "-".
    JSON.parse(render(format, (name) => (name === 'error.messageString' ? 'x' : '1')));
    return true;
  } catch {
    return false;
  }
}

function literals(format: string): string {
  return tokenize(format).map((t) => ('literal' in t ? t.literal : ' ')).join('');
}

export function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

function list(names: string[]): string {
  return names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
}
