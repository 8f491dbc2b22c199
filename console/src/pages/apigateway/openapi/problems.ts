// What API Gateway says about an API definition: errors in the message of its refusal, warnings beside the API.
import type { Mark } from '../../../components/editor';

export interface ImportProblem {
  severity: 'error' | 'warning';
  /** From 1; absent where the text has no place for it. */
  line?: number;
  column?: number;
  /** Such as /paths/~1pets/get; empty where unknown. */
  path: string;
  message: string;
}

const placed = /^line (\d+), column (\d+) \((.*?)\): (.*)$/s;
const pathed = /^(\/\S*): (.*)$/s;

/** One line of what API Gateway says. */
export function problemFrom(text: string, severity: ImportProblem['severity']): ImportProblem {
  const at = placed.exec(text);
  if (at) {
    return { severity, line: Number(at[1]), column: Number(at[2]), path: at[3]!, message: at[4]! };
  }
  const below = pathed.exec(text);
  return below ? { severity, path: below[1]!, message: below[2]! } : { severity, path: '', message: text };
}

/** The list in the message of a refused import; undefined for another error. */
export function refusedFor(error: unknown): ImportProblem[] | undefined {
  const found = error instanceof Error && /^(Errors|Warnings) found during import:\s*/.exec(error.message);
  if (!found) {
    return undefined;
  }
  const severity = found[1] === 'Errors' ? 'error' : 'warning';
  return error.message.slice(found[0].length).split('\n\t').map((line) => problemFrom(line.trim(), severity));
}

export function warningsOf(texts: readonly string[] | undefined): ImportProblem[] {
  return (texts ?? []).map((text) => problemFrom(text, 'warning'));
}

/** The problems that have a place, as the editor shows them. */
export function marksOf(problems: readonly ImportProblem[]): Mark[] {
  return problems.flatMap(({ line, column, message, severity }) => (line && column ? [{ line, column, message, severity }] : []));
}

/** How a definition is written, by its first sign. */
export function languageOf(text: string): 'json' | 'yaml' {
  return /^\s*[{[]/.test(text) ? 'json' : 'yaml';
}
