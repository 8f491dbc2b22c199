import { Plot, mostSeries, type ChartProps } from './Plot';
import { linePath } from './scale';

/** A line for each series. A point without neighbours is a dot. */
export function LineChart(props: ChartProps) {
  const drawn = props.series.slice(0, mostSeries);
  const max = Math.max(0, ...drawn.flatMap((s) => s.values.map((v) => v ?? 0)));
  return (
    <Plot {...props} max={max}>
      {({ width, y }) => {
        const slot = width / props.labels.length;
        const xs = props.labels.map((_, i) => (i + 0.5) * slot);
        return drawn.map((s, n) => {
          const ys = s.values.map((v) => (v === undefined ? undefined : y(Math.max(v, 0))));
          return (
            <g key={s.name} className={`tb-s${n}`}>
              <path className="line" d={linePath(xs, ys)} />
              {ys.map((at, i) => at !== undefined && ys[i - 1] === undefined && ys[i + 1] === undefined && <circle key={xs[i]} cx={xs[i]} cy={at} r={3} />)}
            </g>
          );
        });
      }}
    </Plot>
  );
}
