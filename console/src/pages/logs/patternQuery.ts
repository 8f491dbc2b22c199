// A filter pattern as conditions of Logs Insights, for counting what it matches. Only what both languages decide alike is
// put into the other; undefined says that a pattern is not among it. Pure.
import { fieldName, quoted } from '../../aws/queries';

/** Conditions that hold together for exactly the entries that the pattern matches. */
export function conditionsOf(pattern: string): string[] | undefined {
  const text = pattern.trim();
  if (text === '') {
    return [];
  }
  return text.startsWith('{') ? jsonConditions(text) : termConditions(text);
}

const term = /\s*(-?)\s*(?:"((?:[^"\\]|\\["\\])*)"|(\w+))(?=\s|$)/y;

/** Terms that have to be in the message, or have not to. */
function termConditions(text: string): string[] | undefined {
  const conditions: string[] = [];
  term.lastIndex = 0;
  while (term.lastIndex < text.length) {
    const m = term.exec(text);
    if (!m) {
      return undefined;
    }
    const wanted = m[3] ?? m[2]!.replace(/\\(["\\])/g, '$1');
    conditions.push(`@message ${m[1] ? 'not like' : 'like'} ${quoted(wanted)}`);
  }
  return conditions;
}

const token = /\s*(?:(\$(?:\.[A-Za-z0-9_-]+|\[\d+\])+)|(&&|\|\||!=|<=|>=|[=<>()])|"((?:[^"\\]|\\["\\])*)"|([\w.*+-]+))/y;

type Token = { kind: 'selector' | 'symbol' | 'quoted' | 'bare'; text: string };

function jsonConditions(text: string): string[] | undefined {
  const tokens = text.endsWith('}') ? tokensOf(text.slice(1, -1).trim()) : undefined;
  if (!tokens || tokens.length === 0) {
    return undefined;
  }
  const parser = new Parser(tokens);
  const condition = parser.either();
  return condition && parser.atEnd() ? [condition] : undefined;
}

function tokensOf(text: string): Token[] | undefined {
  const tokens: Token[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const m = token.exec(text);
    if (!m) {
      return undefined;
    }
    const [, selector, symbol, quotedText, bare] = m;
    if (selector !== undefined) {
      tokens.push({ kind: 'selector', text: selector });
    } else if (symbol !== undefined) {
      tokens.push({ kind: 'symbol', text: symbol });
    } else if (quotedText !== undefined) {
      tokens.push({ kind: 'quoted', text: quotedText.replace(/\\(["\\])/g, '$1') });
    } else {
      tokens.push({ kind: 'bare', text: bare! });
    }
  }
  return tokens;
}

/** Reads comparisons joined by && and ||, as the pattern language has them; undefined at anything else. */
class Parser {
  private at = 0;

  constructor(private tokens: readonly Token[]) {}

  atEnd(): boolean {
    return this.at === this.tokens.length;
  }

  either(): string | undefined {
    return this.joined('||', 'or', () => this.all());
  }

  private all(): string | undefined {
    return this.joined('&&', 'and', () => this.one());
  }

  private joined(symbol: string, word: string, part: () => string | undefined): string | undefined {
    let left = part();
    while (left !== undefined && this.take(symbol)) {
      const right = part();
      left = right && `(${left} ${word} ${right})`;
    }
    return left;
  }

  private one(): string | undefined {
    if (this.take('(')) {
      const inner = this.either();
      return inner && this.take(')') ? inner : undefined;
    }
    const [selector, operator, value] = this.tokens.slice(this.at, this.at + 3);
    this.at += 3;
    return selector?.kind === 'selector' && operator?.kind === 'symbol' && value ? comparison(fieldOf(selector.text), operator.text, value) : undefined;
  }

  private take(symbol: string): boolean {
    const next = this.tokens[this.at];
    const found = next?.kind === 'symbol' && next.text === symbol;
    this.at += found ? 1 : 0;
    return found;
  }
}

/** a.b.0 of $.a.b[0] */
function fieldOf(selector: string): string {
  return fieldName(selector.slice(1).replace(/\[(\d+)\]/g, '.$1').replace(/^\./, ''));
}

const number = /^[+-]?\d+(\.\d+)?$/;

function comparison(field: string, operator: string, { kind, text }: Token): string | undefined {
  if (kind === 'bare' && number.test(text)) {
    return `${field} ${operator} ${text}`;
  }
  if ((operator !== '=' && operator !== '!=') || (kind !== 'quoted' && kind !== 'bare')) {
    return undefined;
  }
  if (!text.startsWith('*') && !text.endsWith('*')) {
    return `${field} ${operator} ${quoted(text)}`;
  }
  const inner = text.replace(/^\*/, '').replace(/\*$/, '');
  const regex = `/${text.startsWith('*') ? '' : '^'}${inner.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')}${text.endsWith('*') ? '' : '$'}/`;
  return operator === '=' ? `${field} like ${regex}` : `(ispresent(${field}) and ${field} not like ${regex})`;
}
