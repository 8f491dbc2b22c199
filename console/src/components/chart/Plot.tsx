import { useLayoutEffect, useRef, useState, type PointerEvent, type ReactNode } from 'react';
import { formatTick, formatTime } from '../time/timeRange';
import { short, ticks } from './scale';
import './chart.css';

export interface Series {
  name: string;
  values: readonly (number | undefined)[];
}

export interface ChartProps {
  /** What the chart is of, for those who do not see it. */
  label: string;
  labels: readonly string[];
  /** Milliseconds since 1970 of each label, where they are times. */
  times?: readonly number[];
  series: readonly Series[];
  height?: number;
  /** Behind each number: "ms". */
  unit?: string;
}

/** Series drawn in colours of their own; the rest is left to the table. */
export const mostSeries = 12;

const margin = { start: 56, end: 12, top: 10, bottom: 24 };

interface Frame extends ChartProps {
  /** The largest value drawn. */
  max: number;
  /** Draws within a width and a height; y gives a value's place from the top. */
  children: (size: { width: number; height: number; y: (value: number) => number }) => ReactNode;
}

/** Axes, grid, legend and the values under the pointer, around whatever is drawn. */
export function Plot({ label, labels, times, series, height = 240, unit = '', max, children }: Frame) {
  const box = useRef<HTMLDivElement>(null);
  const [full, setFull] = useState(600);
  const [at, setAt] = useState<number>();
  useLayoutEffect(() => {
    const watch = new ResizeObserver(() => setFull(box.current!.clientWidth));
    watch.observe(box.current!);
    return () => watch.disconnect();
  }, []);
  const steps = ticks(max);
  const top = steps.at(-1)!;
  const inner = { width: Math.max(full - margin.start - margin.end, 10), height: height - margin.top - margin.bottom };
  const y = (value: number) => inner.height - (value / top) * inner.height;
  const look = (e: PointerEvent<SVGSVGElement>) => {
    const x = e.clientX - e.currentTarget.getBoundingClientRect().left - margin.start;
    const index = Math.floor((x / inner.width) * labels.length);
    setAt(index >= 0 && index < labels.length ? index : undefined);
  };
  const slot = inner.width / labels.length;
  return (
    <div className="tb-chart" ref={box}>
      <svg width={full} height={height} role="img" aria-label={label} onPointerMove={look} onPointerLeave={() => setAt(undefined)}>
        <g transform={`translate(${margin.start} ${margin.top})`}>
          {steps.map((s) => (
            <g key={s}>
              <line className="grid" x1={0} x2={inner.width} y1={y(s)} y2={y(s)} />
              <text x={-8} y={y(s) + 4} textAnchor="end">{short(s)}</text>
            </g>
          ))}
          {at !== undefined && <rect className="at" x={at * slot} y={0} width={slot} height={inner.height} />}
          {children({ ...inner, y })}
          <Below labels={labels} times={times} width={inner.width} y={inner.height + 16} />
        </g>
      </svg>
      {at !== undefined && (
        <div className="tb-tip" style={at > labels.length / 2 ? { insetInlineEnd: full - margin.start - at * slot + 8 } : { insetInlineStart: margin.start + (at + 1) * slot + 8 }}>
          <b>{times ? formatTime(times[at]!).slice(0, 19) : labels[at]}</b>
          {series.slice(0, mostSeries).map((s, i) => (
            <div key={s.name}><i className={`tb-s${i}`} />{s.name}: {s.values[at] === undefined ? '-' : `${s.values[at].toLocaleString('en', { maximumFractionDigits: 3 })} ${unit}`}</div>
          ))}
        </div>
      )}
      <Key series={series} />
    </div>
  );
}

/** The labels below the axis, as many as have room. */
function Below({ labels, times, width, y }: Pick<ChartProps, 'labels' | 'times'> & { width: number; y: number }) {
  const span = times && times.length > 1 ? times.at(-1)! - times[0]! : 0;
  const room = Math.max(1, Math.floor(width / 110));
  const every = Math.ceil(labels.length / room);
  const slot = width / labels.length;
  const step = times && times.length > 1 ? span / (times.length - 1) : 60_000;
  const letters = Math.max(3, Math.floor((every * slot) / 7.5));
  return labels.map((label, i) => {
    if (i % every !== 0) {
      return null;
    }
    const text = times ? formatTick(times[i]!, step, span) : label;
    return <text key={label} x={(i + 0.5) * slot} y={y} textAnchor="middle">{text.length > letters ? `${text.slice(0, letters - 1)}…` : text}</text>;
  });
}

export function Key({ series }: { series: readonly Pick<Series, 'name'>[] }) {
  return (
    <ul className="tb-chart-key" aria-label="Series">
      {series.slice(0, mostSeries).map((s, i) => <li key={s.name}><i className={`tb-s${i}`} />{s.name}</li>)}
      {series.length > mostSeries && <li>and {series.length - mostSeries} more in the table</li>}
    </ul>
  );
}
