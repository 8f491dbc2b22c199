import type { ReactNode } from 'react';
import { pretty, type Entry } from './entry';

const token = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)\b/g;

/** Colours JSON's keys, strings and numbers; text in, elements out, so nothing in a message can become markup. */
function coloured(json: string): ReactNode[] {
  const parts: ReactNode[] = [];
  let end = 0;
  for (const m of json.matchAll(token)) {
    const [all, text, colon] = m;
    parts.push(json.slice(end, m.index));
    parts.push(<span key={m.index} className={text === undefined ? 'n' : colon === undefined ? 's' : 'k'}>{text ?? all}</span>, colon);
    end = m.index + all.length;
  }
  return [...parts, json.slice(end)];
}

/** An entry's message as it is; JSON over several lines and coloured. */
export function Message({ entry, label = 'Message' }: { entry: Pick<Entry, 'message' | 'format'>; label?: string }) {
  return (
    <pre className="tb-code" tabIndex={0} role="region" aria-label={label}>
      {entry.format === 'json' ? coloured(pretty(entry.message)) : entry.message}
    </pre>
  );
}
