// ARNs of log groups. Pure.

export function logGroupArn(at: { region: string; accountId: string }, group: string): string {
  return `arn:aws:logs:${at.region}:${at.accountId}:log-group:${group}`;
}

/** The name in a log group's ARN; empty for another ARN. */
export function groupOfArn(arn: string): string {
  return /^arn:[^:]+:logs:[^:]*:[^:]*:log-group:(.+?)(:\*)?$/.exec(arn)?.[1] ?? '';
}
