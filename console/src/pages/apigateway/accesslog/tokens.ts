/** A piece of a format: literal text, or the name of a $context variable. */
export type Token = { literal: string } | { name: string };

/**
 * Splits a format as accesslog/tokens.go does. A reference is $context.a.b or ${context.a.b}; the bare form ends at the
 * first character that is no letter, digit, '_', '-' or '.', and a '.' at its end belongs to the text that follows.
 * Below authorizer.claims a ':' between two such characters is part of the name.
 */
export function tokenize(format: string): Token[] {
  const reference = /\$(\{?)context\.(authorizer\.claims\.(?:[\w.-]|:(?=[\w.-]))*|[\w.-]+)/g;
  const tokens: Token[] = [];
  let start = 0;
  for (let m = reference.exec(format); m; m = reference.exec(format)) {
    const name = m[2]!.replace(/\.+$/, '');
    if (name === '') {
      continue;
    }
    if (m.index > start) {
      tokens.push({ literal: format.slice(start, m.index) });
    }
    tokens.push({ name });
    start = reference.lastIndex - (m[2]!.length - name.length);
    if (m[1] && format[start] === '}') {
      start++;
    }
    reference.lastIndex = start;
  }
  if (start < format.length) {
    tokens.push({ literal: format.slice(start) });
  }
  return tokens;
}

/** The variables of a format, each once, in the order of their first place. */
export function variablesOf(format: string): string[] {
  return [...new Set(tokenize(format).flatMap((t) => ('name' in t ? [t.name] : [])))];
}
