// Trust policies: who may assume a role.

/** The trust policy of a role for an AWS service, such as apigateway.amazonaws.com. */
export function trustPolicy(service: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
  });
}

/** A policy document as IAM's answers hold it (percent-encoded), laid out for reading. */
export function readable(encoded: string | undefined): string {
  const text = decode(encoded ?? '');
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Whom a trust policy allows in, for a list: "AWS service: apigateway". */
export function trustedEntities(encoded: string | undefined): string[] {
  try {
    const { Statement } = JSON.parse(decode(encoded ?? '')) as { Statement?: unknown };
    return [...new Set(listOf(Statement).flatMap(entitiesOf))];
  } catch {
    return [];
  }
}

function entitiesOf(statement: unknown): string[] {
  const { Effect, Principal } = statement as { Effect?: string; Principal?: unknown };
  if (Effect !== 'Allow') {
    return [];
  }
  if (typeof Principal === 'string') {
    return [Principal];
  }
  return Object.entries(Principal ?? {}).flatMap(([kind, who]) => listOf(who).map((name) => entity(kind, String(name))));
}

function entity(kind: string, name: string): string {
  switch (kind) {
    case 'Service':
      return `AWS service: ${name.replace(/\.amazonaws\.com(\.cn)?$/, '')}`;
    case 'AWS':
      return `Account: ${/^arn:[^:]+:iam::(\d+):root$/.exec(name)?.[1] ?? name}`;
    default:
      return `${kind}: ${name}`;
  }
}

function listOf(one: unknown): unknown[] {
  return Array.isArray(one) ? one : one === undefined ? [] : [one];
}

/** Whether a trust policy lets an AWS service assume the role, for suggestions only: conditions are not looked at. */
export function trustsService(encoded: string | undefined, service: string): boolean {
  return trustedEntities(encoded).includes(entity('Service', service));
}
