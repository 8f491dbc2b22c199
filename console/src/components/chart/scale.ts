// Axes that people read easily. Pure.

/** At most so many steps from 0 up to at least max, of 1, 2 or 5 times a power of ten. The first is 0. */
export function ticks(max: number, most = 5): number[] {
  if (!(max > 0)) {
    return [0, 1];
  }
  const raw = max / most;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((n) => n * power).find((s) => s >= raw * (1 - 1e-9))!;
  return Array.from({ length: Math.ceil(max / step - 1e-9) + 1 }, (_, i) => Number((i * step).toPrecision(12)));
}

/** A number as short as it can be told: 950, 1.25 k, 3.4 M; small ones with three digits. */
export function short(n: number): string {
  const abs = Math.abs(n);
  const [size, unit] = ([[1e12, ' T'], [1e9, ' G'], [1e6, ' M'], [1e4, ' k']] as const).find(([s]) => abs >= s) ?? [1, ''];
  const shown = unit === ' k' ? n / 1000 : n / size;
  return `${Number(shown.toPrecision(abs >= 1000 && unit === '' ? 4 : 3)).toLocaleString('en')}${unit}`;
}

/** A path through points of which some are missing: it is broken there. x and y are in pixels. */
export function linePath(xs: readonly number[], ys: readonly (number | undefined)[]): string {
  let path = '';
  let drawing = false;
  ys.forEach((y, i) => {
    path += y === undefined ? '' : `${drawing ? 'L' : 'M'}${xs[i]!.toFixed(1)} ${y.toFixed(1)}`;
    drawing = y !== undefined;
  });
  return path;
}

/** The arc of a pie's slice from one share of the whole to another, both from 0 to 1, around 0 0. */
export function slicePath(from: number, to: number, radius: number): string {
  if (to - from >= 1 - 1e-9) {
    return `M0 ${-radius}A${radius} ${radius} 0 1 1 0 ${radius}A${radius} ${radius} 0 1 1 0 ${-radius}Z`;
  }
  const at = (share: number) => {
    const angle = share * 2 * Math.PI - Math.PI / 2;
    return `${(radius * Math.cos(angle)).toFixed(2)} ${(radius * Math.sin(angle)).toFixed(2)}`;
  };
  return `M0 0L${at(from)}A${radius} ${radius} 0 ${to - from > 0.5 ? 1 : 0} 1 ${at(to)}Z`;
}
