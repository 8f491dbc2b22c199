// Places in a text, as people and messages name them: lines and columns from 1.

export interface Place {
  line: number;
  column: number;
}

/** The offset of a place; one outside of the text is moved to its nearest end. */
export function offsetOf(text: string, { line, column }: Place): number {
  let start = 0;
  for (let n = 1; n < line; n++) {
    const end = text.indexOf('\n', start);
    if (end < 0) {
      return text.length;
    }
    start = end + 1;
  }
  const end = text.indexOf('\n', start);
  return Math.min(start + Math.max(column - 1, 0), end < 0 ? text.length : end);
}

export function placeOf(text: string, offset: number): Place {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: before.at(-1)!.length + 1 };
}

export interface JSONProblem extends Place {
  message: string;
}

/** What is wrong with a JSON text, and where; undefined for JSON. */
export function jsonProblem(text: string): JSONProblem | undefined {
  const found = new Scanner(text).problem();
  return found && { ...placeOf(text, found.at), message: found.message };
}

/** Reads JSON as far as it goes. Browsers' own parsers say where they stopped in ways of their own, or not at all. */
class Scanner {
  private at = 0;

  constructor(private readonly text: string) {}

  problem(): { at: number; message: string } | undefined {
    try {
      this.value();
      this.expect(/$/y, 'Something stands after the end of the value.');
      return undefined;
    } catch (problem) {
      if (problem instanceof SyntaxError) {
        return { at: this.at, message: this.at >= this.text.length ? 'The text ends too early.' : problem.message };
      }
      throw problem;
    }
  }

  private take(token: RegExp): string | undefined {
    spaces.lastIndex = this.at;
    this.at += spaces.exec(this.text)![0].length;
    token.lastIndex = this.at;
    const found = token.exec(this.text)?.[0];
    this.at += found?.length ?? 0;
    return found;
  }

  private expect(token: RegExp, message: string): void {
    if (this.take(token) === undefined) {
      throw new SyntaxError(message);
    }
  }

  private value(): void {
    if (this.take(/\{/y)) {
      this.members('}', () => {
        this.expect(string, "A member's name in double quotes is expected.");
        this.expect(/:/y, 'A colon is expected.');
        this.value();
      });
    } else if (this.take(/\[/y)) {
      this.members(']', () => this.value());
    } else {
      this.expect(scalar, 'A value is expected.');
    }
  }

  private members(end: '}' | ']', member: () => void): void {
    const ending = end === '}' ? /\}/y : /\]/y;
    if (this.take(ending)) {
      return;
    }
    do {
      member();
    } while (this.take(/,/y));
    this.expect(ending, `A comma or ${end} is expected.`);
  }
}

const spaces = /[ \t\n\r]*/y;
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const scalar = new RegExp(`${string.source}|-?(?:0|[1-9]\\d*)(?:\\.\\d+)?(?:[eE][+-]?\\d+)?|true|false|null`, 'y');

/** The text with AWS' indentation where it is JSON, else as it is. */
export function prettyJSON(text: string): string {
  return jsonProblem(text) ? text : JSON.stringify(JSON.parse(text), null, 2);
}
