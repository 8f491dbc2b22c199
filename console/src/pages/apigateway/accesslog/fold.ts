import { scanJSON } from './json';

/**
 * Makes one line of a format that was pasted over several, as documents print it and as accesslog/fold.go does: each
 * line break, with a backslash before it and the indentation after it, becomes one space, or nothing after the comma of
 * a CSV format. Blank lines vanish. Text inside a JSON string stays as it is; a line break within one becomes a space.
 */
export function fold(format: string): string {
  const lines = format.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '').split('\n');
  const isJSON = lines[0]!.startsWith('{');
  const markup = isJSON || lines[0]!.startsWith('<');
  let out = '';
  let state = { inString: false, escaped: false };
  lines.forEach((raw, i) => {
    const last = i === lines.length - 1;
    let line = raw.replace(/\r$/, '');
    if (!state.inString) {
      line = line.replace(/^[ \t]+/, '');
    }
    line = cutContinuation(line, isJSON && state.inString, last);
    if (isJSON) {
      state = scanJSON(line, state);
    }
    if (!state.inString) {
      line = line.replace(/[ \t]+$/, '');
      if (line === '') {
        return;
      }
    }
    out += line;
    if (!last && (markup || !line.endsWith(','))) {
      out += ' ';
    }
  });
  return out.replace(/ +$/, '');
}

/** Removes the backslash with which a line says that it goes on. At the format's end, or escaped, it is text. */
function cutContinuation(line: string, inString: boolean, last: boolean): string {
  const rest = line.replace(/[ \t]+$/, '');
  if (last || !rest.endsWith('\\') || (inString && rest.endsWith('\\\\'))) {
    return line;
  }
  return rest.slice(0, -1);
}
