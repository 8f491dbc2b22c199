import { createContext, useContext, type ReactNode } from 'react';
import { classOf, meaningOf, milliseconds, type Entry } from './entry';
import { messageColumn, streamColumn, timeColumn } from './columns';
import { formatTime } from '../../components/time/timeRange';

/** The text of an entry's column. */
function textOf(entry: Entry, id: string): string {
  switch (id) {
    case timeColumn:
      return formatTime(entry.timestamp);
    case messageColumn:
      return entry.message;
    case streamColumn:
      return entry.stream;
    default:
      return entry.fields.get(id) ?? '';
  }
}

/** What is marked in the text of cells: a global regular expression, or nothing. */
export const Highlight = createContext<RegExp | undefined>(undefined);

/** Text with what is highlighted in marks. */
function Marked({ text }: { text: string }) {
  const wanted = useContext(Highlight);
  if (!wanted) {
    return text;
  }
  const parts: ReactNode[] = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(wanted)) {
    parts.push(text.slice(end, index), <mark key={index}>{found}</mark>);
    end = index + found.length;
  }
  return [...parts, text.slice(end)];
}

interface Props {
  entry: Entry;
  column: string;
  /** The latency whose bar is full, in milliseconds. */
  slowest: number;
}

/** One cell of the list: status coloured, latency as a bar, numbers to the right, all else as text. */
export function Cell({ entry, column, slowest }: Props) {
  const text = textOf(entry, column);
  const meaning = column.startsWith('@') ? undefined : meaningOf(column);
  if (meaning === 'status') {
    return <div role="gridcell" className={`tb-cell tb-status tb-${classOf(text)}`}><Marked text={text} /></div>;
  }
  if (meaning === 'latency') {
    return <Latency field={column} text={text} slowest={slowest} />;
  }
  const look = column === timeColumn ? 'tb-time' : column === messageColumn ? 'tb-mono' : meaning === 'length' ? 'tb-num' : '';
  return <div role="gridcell" className={`tb-cell ${look}`} title={text.length > 24 ? text : undefined}><Marked text={text} /></div>;
}

export function Latency({ field, text, slowest }: { field: string; text: string; slowest: number }) {
  const ms = milliseconds(field, text);
  if (ms === undefined) {
    return <div role="gridcell" className="tb-cell">{text}</div>;
  }
  const share = slowest > 0 ? Math.min(1, ms / slowest) : 0;
  return (
    <div role="gridcell" className="tb-cell tb-latency">
      <span className="tb-latency-value">{formatMs(ms)}</span>
      <span className="tb-latency-track" aria-hidden><span className="tb-latency-bar" style={{ inlineSize: `${share * 100}%` }} /></span>
    </div>
  );
}

function formatMs(ms: number): string {
  return ms >= 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Number(ms.toFixed(1)).toLocaleString('en')} ms`;
}
