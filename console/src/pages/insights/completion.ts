// What can stand where the caret is. Pure.
import { fieldName } from '../../aws/queries';
import { aggregates, commands, functions, keywords, systemFields, type Word } from './language';

export type Kind = 'command' | 'function' | 'field' | 'keyword';

export interface Option {
  label: string;
  kind: Kind;
  detail?: string;
  /** What is put in; the label where it says nothing. */
  insert?: string;
  /** Options of a higher rank stand first. */
  rank: number;
}

export interface Completion {
  /** Where the word begins that an option replaces. */
  from: number;
  options: Option[];
}

/** Takes a query up to a place apart: which command it is in, and whether in text, a regular expression or a comment. */
export function placeAt(text: string, at: number): { command: string; quiet: boolean; word: number; afterBy: boolean } {
  let start = 0; // of the present command
  let quiet = false;
  for (let i = 0; i < at; i++) {
    const c = text[i]!;
    if (c === '|') {
      start = i + 1;
    } else if (c === '#') {
      const end = text.indexOf('\n', i);
      quiet = end < 0 || end >= at;
      i = quiet ? at : end;
    } else if (c === '"' || c === "'" || (c === '/' && beginsRegex(text.slice(start, i)))) {
      const end = closing(text, i, c);
      quiet = end < 0 || end >= at;
      i = quiet ? at : end;
    }
  }
  const before = text.slice(start, at);
  const word = at - (/[@\w.]*$/.exec(before)?.[0].length ?? 0);
  const body = text.slice(start, word);
  return { command: /^\s*(\w+)\s/.exec(body)?.[1]?.toLowerCase() ?? '', quiet, word, afterBy: /\bby\s/i.test(body) };
}

/** A slash begins a regular expression where no value ends before it. */
function beginsRegex(before: string): boolean {
  return /(?:\b(?:like|parse\s+\S+|regexReplace\s*\([^()]*,)|=~|,)\s*$/i.test(before);
}

function closing(text: string, open: number, mark: string): number {
  for (let i = open + 1; i < text.length; i++) {
    if (text[i] === '\\') {
      i++;
    } else if (text[i] === mark) {
      return i;
    }
  }
  return -1;
}

export function completionAt(text: string, at: number, fields: readonly string[]): Completion | undefined {
  const { command, quiet, word, afterBy } = placeAt(text, at);
  if (quiet) {
    return undefined;
  }
  if (command === '') {
    return { from: word, options: commands.map((c) => option(c, 'command', 2, `${c.name} `)) };
  }
  const all = [...new Set([...fields, ...systemFields])];
  const wantsAggregate = command === 'stats' && !afterBy;
  return {
    from: word,
    options: [
      ...all.map((name): Option => ({ label: name, kind: 'field', insert: fieldName(name), rank: wantsAggregate ? 1 : 3 })),
      ...(command === 'stats' ? aggregates.map((f) => option(f, 'function', wantsAggregate ? 3 : 0, `${f.name}(`)) : []),
      ...functions.map((f) => option(f, 'function', f.name === 'bin' && afterBy ? 4 : 1, `${f.name}(`)),
      ...keywords.map((name): Option => ({ label: name, kind: 'keyword', insert: `${name} `, rank: 0 })),
    ],
  };
}

function option({ name, detail }: Word, kind: Kind, rank: number, insert: string): Option {
  return { label: name, kind, detail, insert, rank };
}
