import { useMemo, useState, type PointerEvent } from 'react';
import { statusClasses } from './entry';
import { histogram, inWords, type Countable } from './histogram';
import { formatTick, formatTime } from '../../components/time/timeRange';

interface Props {
  entries: readonly Countable[];
  /** Milliseconds since 1970, inclusive both. */
  from: number;
  to: number;
  onZoom: (start: number, end: number) => void;
}

const height = 96;

/** Entries over time, stacked by status class. Dragging over a stretch zooms to it. */
export function Histogram({ entries, from, to, onZoom }: Props) {
  const h = useMemo(() => histogram(entries, from, to), [entries, from, to]);
  const [at, setAt] = useState<number>();
  const [dragFrom, setDragFrom] = useState<number>();
  const count = h.buckets.length;
  const bucketAt = (e: PointerEvent<SVGSVGElement>) => {
    const box = e.currentTarget.getBoundingClientRect();
    return Math.max(0, Math.min(count - 1, Math.floor(((e.clientX - box.left) / box.width) * count)));
  };
  const release = (e: PointerEvent<SVGSVGElement>) => {
    const end = bucketAt(e);
    if (dragFrom !== undefined && dragFrom !== end) {
      onZoom(h.buckets[Math.min(dragFrom, end)]!.start, h.buckets[Math.max(dragFrom, end)]!.start + h.width - 1);
    }
    setDragFrom(undefined);
  };
  const scale = h.max > 0 ? (height - 4) / h.max : 0;
  return (
    <div className="tb-histogram">
      <svg
        viewBox={`0 0 ${count} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Entries over time. ${inWords(h.totals)}, between ${formatTime(from)} and ${formatTime(to)}.`}
        onPointerMove={(e) => setAt(bucketAt(e))}
        onPointerLeave={() => setAt(undefined)}
        onPointerDown={(e) => {
          e.currentTarget.setPointerCapture(e.pointerId);
          setDragFrom(bucketAt(e));
        }}
        onPointerUp={release}
      >
        {h.buckets.map((b, i) => {
          let y = height;
          return statusClasses.map((c) => {
            const size = b.counts[c] > 0 ? Math.max(b.counts[c] * scale, 1) : 0;
            y -= size;
            return size > 0 && <rect key={`${b.start}${c}`} className={`bar tb-${c}`} x={i + 0.08} y={y} width={0.84} height={size} />;
          });
        })}
        {at !== undefined && <rect className="hover" x={at} y={0} width={1} height={height} />}
        {at !== undefined && dragFrom !== undefined && (
          <rect className="brush" x={Math.min(at, dragFrom)} y={0} width={Math.abs(at - dragFrom) + 1} height={height} />
        )}
      </svg>
      <span className="max">{h.max.toLocaleString('en')}</span>
      <Axis start={h.buckets[0]?.start ?? from} end={(h.buckets.at(-1)?.start ?? to) + h.width} width={h.width} />
      {at !== undefined && h.buckets[at] && (
        <div className="tb-tip" style={at > count / 2 ? { insetInlineEnd: `${((count - at) / count) * 100 + 1}%` } : { insetInlineStart: `${((at + 1) / count) * 100 + 1}%` }}>
          <b>{formatTime(h.buckets[at].start)}</b>
          <div>{inWords(h.buckets[at].counts)}</div>
        </div>
      )}
    </div>
  );
}

const ticks = 7;

function Axis({ start, end, width }: { start: number; end: number; width: number }) {
  const step = (end - start) / (ticks - 1);
  return (
    <div className="tb-axis" aria-hidden>
      {Array.from({ length: ticks }, (_, i) => (
        <span key={i}>{formatTick(Math.round(start + i * step), width, end - start)}</span>
      ))}
    </div>
  );
}

export function Legend({ entries }: { entries: readonly Countable[] }) {
  const totals = useMemo(() => {
    const counts = { '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0, other: 0 };
    entries.forEach((e) => (counts[e.statusClass] += e.count ?? 1));
    return counts;
  }, [entries]);
  return (
    <ul className="tb-legend" aria-label="Entries by status class">
      {statusClasses.filter((c) => totals[c] > 0).map((c) => (
        <li key={c} className={`tb-${c}`}>{c === 'other' ? 'no status' : c} {totals[c].toLocaleString('en')}</li>
      ))}
    </ul>
  );
}
