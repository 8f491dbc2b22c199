// Where a query is wrong, as StartQuery says. Pure.

export interface QueryProblem {
  message: string;
  /** In UTF-16 units, as the editor counts; the end is behind the last. */
  from: number;
  to: number;
}

interface Malformed {
  queryCompileError?: { message?: string; location?: { startCharOffset?: number; endCharOffset?: number } };
}

/** The place of a MalformedQueryException; undefined for other errors. AWS counts characters, not UTF-16 units. */
export function queryProblem(error: unknown, text: string): QueryProblem | undefined {
  const compile = (error as Malformed | undefined)?.queryCompileError;
  if (!(error instanceof Error) || error.name !== 'MalformedQueryException' || !compile) {
    return undefined;
  }
  const { startCharOffset = 0, endCharOffset = startCharOffset } = compile.location ?? {};
  const characters = [...text];
  const unit = (at: number) => characters.slice(0, at).join('').length;
  const to = Math.min(unit(endCharOffset), text.length);
  const from = Math.min(unit(startCharOffset), to);
  return { message: compile.message ?? error.message, from, to };
}

/** "line 2, column 5" of a place in a text, both from 1. */
export function lineAndColumn(text: string, at: number): string {
  const before = text.slice(0, at).split('\n');
  return `line ${before.length}, column ${before.at(-1)!.length + 1}`;
}
