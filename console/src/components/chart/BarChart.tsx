import { Plot, mostSeries, type ChartProps } from './Plot';

/** A bar for each label, of the series on top of each other. */
export function BarChart(props: ChartProps) {
  const drawn = props.series.slice(0, mostSeries);
  const value = (n: number | undefined) => Math.max(n ?? 0, 0);
  const max = Math.max(0, ...props.labels.map((_, i) => drawn.reduce((sum, s) => sum + value(s.values[i]), 0)));
  return (
    <Plot {...props} max={max}>
      {({ width, height, y }) => {
        const slot = width / props.labels.length;
        return props.labels.map((label, i) => {
          let below = 0;
          return drawn.map((s, n) => {
            const from = below;
            below += value(s.values[i]);
            const tall = height - y(below - from);
            return tall > 0 && <rect key={`${label} ${s.name}`} className={`bar tb-s${n}`} x={(i + 0.1) * slot} y={y(below)} width={slot * 0.8} height={tall} />;
          });
        });
      }}
    </Plot>
  );
}
