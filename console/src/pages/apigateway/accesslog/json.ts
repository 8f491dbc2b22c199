export interface InJSON {
  inString: boolean;
  escaped: boolean;
}

/** Follows a piece of JSON's quotation marks: whether the text after it is within a string, and escaped there. */
export function scanJSON(text: string, { inString, escaped }: InJSON): InJSON {
  for (const c of text) {
    if (escaped) {
      escaped = false;
    } else if (c === '\\') {
      escaped = inString;
    } else if (c === '"') {
      inString = !inString;
    }
  }
  return { inString, escaped };
}
