// Renders an entry by a format, with values escaped for the kind of text that the format is: what accesslog/format.go
// does, for the preview. Its golden files test this file too.
import { scanJSON } from './json';
import { tokenize, type Token } from './tokens';
import { numbers } from './variables';

/** The sort of text that entries are; it decides how values are escaped. */
export type Kind = 'text' | 'JSON' | 'XML' | 'CSV';

/** Where in an entry a value stands. */
type Place = 'text' | 'string' | 'bare' | 'xml' | 'field' | 'quoted' | 'piece';

/** The value of a variable, or undefined where it is missing. */
export type Values = (name: string) => string | undefined;

export function kindOf(format: string): Kind {
  return detectKind(tokenize(format));
}

/** The entry as one line; a missing value prints "-". */
export function render(format: string, values: Values): string {
  const tokens = tokenize(format.replace(/[\r\n]+$/, '').replace(/\r\n|\n|\r/g, ' '));
  switch (detectKind(tokens)) {
    case 'JSON':
      return renderJSON(tokens, values);
    case 'CSV':
      return csvFields(tokens).map((field) => renderField(field, values)).join(',');
    case 'XML':
      return renderAll('xml', tokens, values);
    case 'text':
      return renderAll('text', tokens, values);
  }
}

function detectKind(tokens: Token[]): Kind {
  const first = tokens[0];
  const text = first && 'literal' in first ? first.literal.trimStart() : '';
  if (text.startsWith('{')) {
    return 'JSON';
  }
  if (text.startsWith('<')) {
    return 'XML';
  }
  const gaps = tokens.slice(1, -1).flatMap((t) => ('literal' in t ? [t.literal] : []));
  return gaps.length > 0 && 2 * gaps.filter((g) => g.includes(',')).length >= gaps.length ? 'CSV' : 'text';
}

function renderAll(place: Place, tokens: Token[], values: Values): string {
  return tokens.map((t) => ('literal' in t ? t.literal : valueAt(place, t.name, values))).join('');
}

/** Follows the format's own quotation marks to know whether a variable stands inside a string. */
function renderJSON(tokens: Token[], values: Values): string {
  let state = { inString: false, escaped: false };
  let out = '';
  for (const t of tokens) {
    if ('literal' in t) {
      state = scanJSON(t.literal, state);
      out += t.literal;
    } else {
      out += (state.escaped ? '\\' : '') + valueAt(state.inString ? 'string' : 'bare', t.name, values);
      state.escaped = false;
    }
  }
  return out;
}

/** Cuts tokens at the commas that stand outside the format's own quotation marks. */
function csvFields(tokens: Token[]): Token[][] {
  const fields: Token[][] = [[]];
  let quoted = false;
  for (const t of tokens) {
    if ('name' in t) {
      fields.at(-1)!.push(t);
      continue;
    }
    let text = '';
    const add = () => {
      if (text) {
        fields.at(-1)!.push({ literal: text });
      }
      text = '';
    };
    for (const c of t.literal) {
      quoted = c === '"' ? !quoted : quoted;
      if (c === ',' && !quoted) {
        add();
        fields.push([]);
      } else {
        text += c;
      }
    }
    add();
  }
  return fields;
}

function renderField(field: Token[], values: Values): string {
  const [first, last] = [field[0], field.at(-1)];
  if (!first || !last) {
    return '';
  }
  if (field.length === 1) {
    return renderAll('field', field, values);
  }
  const enclosed = 'literal' in first && 'literal' in last && first.literal.startsWith('"') && last.literal.endsWith('"');
  return enclosed ? renderAll('quoted', field, values) : quoteField(renderAll('piece', field, values));
}

function valueAt(place: Place, name: string, values: Values): string {
  const value = values(name) ?? '';
  if (name === 'error.messageString') {
    return messageString(place, value || '-');
  }
  if (value === '') {
    return '-';
  }
  return numbers.has(name) ? value : escaped(place, value);
}

/** $context.error.messageString: AWS prints it in quotation marks of its own. */
function messageString(place: Place, message: string): string {
  if (place === 'text') {
    return `"${escape(place, message)}"`;
  }
  if (place === 'bare') {
    return escaped(place, message);
  }
  return place === 'field' ? `"${escape('quoted', message)}"` : escape(place, '"') + escape(place, message) + escape(place, '"');
}

function escaped(place: Place, value: string): string {
  if (place === 'bare') {
    return `"${escape('string', value)}"`;
  }
  return place === 'field' ? quoteField(escape('piece', value)) : escape(place, value);
}

function quoteField(text: string): string {
  return /[,"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const specials: Record<Exclude<Place, 'bare' | 'field'>, RegExp> = {
  text: /[\x00-\x1f"\\\x7f]/g,
  string: /[\x00-\x1f"\\]/g,
  xml: /[\x00-\x1f&<>"']/g,
  quoted: /[\x00-\x1f"]/g,
  piece: /[\x00-\x1f]/g,
};
const entities: Record<string, string> = {
  '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;', '\t': '&#9;', '\n': '&#10;', '\r': '&#13;',
};
const shorts: Record<string, string> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escape(place: Place, value: string): string {
  const at = place === 'bare' ? 'string' : place === 'field' ? 'piece' : place;
  return value.replace(/[\ufffe\uffff]/g, '\ufffd').replace(specials[at], (c) => {
    const hex = c.charCodeAt(0).toString(16).padStart(2, '0');
    switch (at) {
      case 'text':
        return shorts[c] ?? `\\x${hex}`;
      case 'string':
        return shorts[c] ?? `\\u00${hex}`;
      case 'xml':
        return entities[c] ?? '\ufffd';
      case 'quoted':
      case 'piece':
        return c === '"' ? '""' : ' ';
    }
  });
}
