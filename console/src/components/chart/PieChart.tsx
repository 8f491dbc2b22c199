import { useState } from 'react';
import { Key, mostSeries, type ChartProps } from './Plot';
import { slicePath } from './scale';
import './chart.css';

const radius = 110;

/** The first series' values as shares of their sum; the smallest of many are one slice. */
export function PieChart({ label, labels, series, unit = '' }: ChartProps) {
  const [at, setAt] = useState<string>();
  const slices = slicesOf(labels, series[0]?.values ?? []);
  const sum = slices.reduce((all, s) => all + s.value, 0);
  let from = 0;
  const shown = slices.find((s) => s.name === at);
  return (
    <div className="tb-chart tb-pie">
      <svg width={2 * radius + 8} height={2 * radius + 8} viewBox={`${-radius - 4} ${-radius - 4} ${2 * radius + 8} ${2 * radius + 8}`} role="img" aria-label={label}>
        {slices.map((s, i) => {
          const share = sum > 0 ? s.value / sum : 0;
          const path = slicePath(from, from + share, radius);
          from += share;
          return share > 0 && <path key={s.name} className={`slice tb-s${i}`} d={path} onPointerEnter={() => setAt(s.name)} onPointerLeave={() => setAt(undefined)} />;
        })}
      </svg>
      <div>
        <Key series={slices.map((s) => ({ name: `${s.name}: ${s.value.toLocaleString('en')} ${unit} (${((s.value / (sum || 1)) * 100).toFixed(1)} %)` }))} />
        {shown && <b>{shown.name}: {shown.value.toLocaleString('en')} {unit}</b>}
      </div>
    </div>
  );
}

function slicesOf(labels: readonly string[], values: readonly (number | undefined)[]): { name: string; value: number }[] {
  const all = labels.map((name, i) => ({ name, value: Math.max(values[i] ?? 0, 0) })).sort((a, b) => b.value - a.value);
  if (all.length <= mostSeries) {
    return all;
  }
  const rest = all.slice(mostSeries - 1);
  return [...all.slice(0, mostSeries - 1), { name: `${rest.length} others`, value: rest.reduce((sum, s) => sum + s.value, 0) }];
}
