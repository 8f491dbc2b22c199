import { getSession } from '../../../aws/session';

/** A stage's addresses that work here; the first is the one to use. */
export function invokeUrls(apiId: string, stageName: string): { label: string; url: string }[] {
  const { gateway } = getSession().config;
  const urls = [
    { label: 'API listener', url: `${location.origin}/_aws/execute-api/${apiId}/${stageName}` },
    { label: 'API listener, older form', url: `${location.origin}/restapis/${apiId}/${stageName}/_user_request_` },
  ];
  return gateway ? [{ label: 'Gateway', url: `${gateway.replace(/\/$/, '')}/${apiId}/${stageName}` }, ...urls] : urls;
}

export function invokeUrl(apiId: string, stageName: string): string {
  return invokeUrls(apiId, stageName)[0]!.url;
}
