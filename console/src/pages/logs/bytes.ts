const units = ['B', 'KB', 'MB', 'GB', 'TB'];

/** An amount of bytes as AWS' console shows it: 1.25 MB, of 1024s. */
export function formatBytes(n: number | undefined): string {
  if (n === undefined) {
    return '-';
  }
  let i = 0;
  for (; n >= 1024 && i < units.length - 1; i++) {
    n /= 1024;
  }
  return `${Number(n.toFixed(n < 10 && i > 0 ? 2 : n < 100 && i > 0 ? 1 : 0)).toLocaleString('en')} ${units[i]}`;
}
