import { variables } from './variables';

export interface Completion {
  /** What the choice replaces: text[start, end). */
  start: number;
  end: number;
  /** Variables that fit, those first that begin with what was typed. */
  names: string[];
  braced: boolean;
}

/** What can stand at the caret; undefined where no reference is being typed or nothing fits. */
export function complete(text: string, caret: number): Completion | undefined {
  const typed = /\$(\{?)([\w.-]*)$/.exec(text.slice(0, caret));
  if (!typed) {
    return undefined;
  }
  const [whole, brace, word] = [typed[0], typed[1]!, typed[2]!];
  const prefix = 'context.';
  if (!word.startsWith(prefix) && !prefix.startsWith(word)) {
    return undefined;
  }
  const rest = /^[\w.-]*\}?/.exec(text.slice(caret))![0];
  const names = fitting(word.slice(prefix.length));
  const after = brace ? rest.length : rest.replace('}', '').length;
  const done = names.length === 1 && names[0] === word.slice(prefix.length) && rest === '';
  return names.length === 0 || done ? undefined : { start: caret - whole.length, end: caret + after, names, braced: brace !== '' };
}

function fitting(typed: string): string[] {
  const needle = typed.toLowerCase();
  const begins = variables.filter((name) => name.toLowerCase().startsWith(needle));
  const holds = variables.filter((name) => !begins.includes(name) && name.toLowerCase().includes(needle));
  return [...begins, ...holds];
}

/** The text with the choice in it, and where the caret stands then. */
export function accept(text: string, at: Completion, name: string): { text: string; caret: number } {
  const reference = at.braced ? `\${context.${name}}` : `$context.${name}`;
  return { text: text.slice(0, at.start) + reference + text.slice(at.end), caret: at.start + reference.length };
}
