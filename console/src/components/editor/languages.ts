// The colours of the texts that the pages edit. Each is a tokenizer of lines, not a parser: what a text means is the
// server's to say.
import type { StreamParser } from '@codemirror/language';

const json: StreamParser<unknown> = {
  token(stream) {
    if (stream.eatSpace()) {
      return null;
    }
    if (stream.match(/^"(?:[^"\\]|\\.)*"?/)) {
      return stream.match(/^\s*:/, false) ? 'propertyName' : 'string';
    }
    if (stream.match(/^-?\d+(\.\d+)?([eE][+-]?\d+)?/)) {
      return 'number';
    }
    if (stream.match(/^(true|false|null)\b/)) {
      return 'keyword';
    }
    stream.next();
    return null;
  },
};

const yaml: StreamParser<unknown> = {
  token(stream) {
    if (stream.eatSpace()) {
      return null;
    }
    if (stream.match(/^#.*/)) {
      return 'comment';
    }
    if (stream.match(/^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[\w$./{}*+-]+)(?=\s*:(\s|$))/)) {
      return 'propertyName';
    }
    if (stream.match(/^("(?:[^"\\]|\\.)*"?|'(?:[^']|'')*'?)/)) {
      return 'string';
    }
    if (stream.match(/^(-?\d+(\.\d+)?|true|false|null)(?=\s*([,\]}#]|$))/)) {
      return 'number';
    }
    if (!stream.match(/^[^\s"'#:,[\]{}]+/)) {
      stream.next();
    }
    return null;
  },
};

/** A Velocity mapping template around text of any kind. */
const template: StreamParser<unknown> = {
  token(stream) {
    if (stream.match(/^##.*/)) {
      return 'comment';
    }
    if (stream.match(/^#\{?(set|if|elseif|else|end|foreach|break|stop|macro|define)\b\}?/)) {
      return 'keyword';
    }
    if (stream.match(/^\$!?\{?[A-Za-z_][\w.-]*\}?/)) {
      return 'variableName';
    }
    if (stream.match(/^"[^"$#]*"/) || stream.match(/^'[^'$#]*'/)) {
      return 'string';
    }
    if (!stream.match(/^[^#$"']+/)) {
      stream.next();
    }
    return null;
  },
};

export const languages = { json, yaml, template };

export type LanguageName = keyof typeof languages;
