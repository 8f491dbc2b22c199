import type { RestApi } from '@aws-sdk/client-api-gateway';

const longest = 255; // of a dimension's value

/** What the metrics of an API have as ApiName: its name without other characters than ASCII's, or else its ID. */
export function metricName(api: RestApi): string {
  const ascii = (api.name ?? '').replace(/[^\x20-\x7e]/g, '');
  return ascii.trim() === '' ? (api.id ?? '') : ascii.slice(0, longest);
}
