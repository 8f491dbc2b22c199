// Resource policies: the text as API Gateway sends it, and examples to begin with.

/** The policy as text; API Gateway sends it with its quotes escaped, as the inside of a JSON string. */
export function policyText(policy: string | undefined): string {
  if (!policy) {
    return '';
  }
  try {
    const document: unknown = JSON.parse(policy.includes('\\"') ? (JSON.parse(`"${policy}"`) as string) : policy);
    return JSON.stringify(document, null, 2);
  } catch {
    return policy;
  }
}

interface Example {
  id: string;
  text: string;
  statements: object[];
}

const all = 'execute-api:/*';
const invoke = { Effect: 'Allow', Principal: '*', Action: 'execute-api:Invoke', Resource: all };

const examples: Example[] = [
  { id: 'account', text: 'AWS account allowlist', statements: [{ ...invoke, Principal: { AWS: ['{{otherAWSAccountID}}'] } }] },
  {
    id: 'deny-range',
    text: 'IP range denylist',
    statements: [invoke, { ...invoke, Effect: 'Deny', Condition: { IpAddress: { 'aws:SourceIp': ['{{sourceIpOrCIDRBlock}}'] } } }],
  },
  {
    id: 'allow-range',
    text: 'IP range allowlist',
    statements: [invoke, { ...invoke, Effect: 'Deny', Condition: { NotIpAddress: { 'aws:SourceIp': ['{{sourceIpOrCIDRBlock}}'] } } }],
  },
];

export const exampleItems = examples.map(({ id, text }) => ({ id, text }));

export function example(id: string): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: examples.find((e) => e.id === id)?.statements ?? [] }, null, 2);
}

/** A place in an example that is still to be filled in, such as {{sourceIpOrCIDRBlock}}. */
export function unfilled(text: string): string | undefined {
  return /\{\{\w+\}\}/.exec(text)?.[0];
}
