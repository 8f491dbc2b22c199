import type { Credentials, Session } from './session';
import { getSession } from './session';

/** Asks who the credentials belong to; fails with AWS' error where nobody knows them. */
export async function identify(credentials: Credentials): Promise<NonNullable<Session['identity']>> {
  const { GetCallerIdentityCommand, STSClient } = await import('@aws-sdk/client-sts');
  const client = new STSClient({ endpoint: location.origin, region: getSession().region, credentials, maxAttempts: 1 });
  const { Account = '', Arn = '' } = await client.send(new GetCallerIdentityCommand({}));
  return { account: Account, arn: Arn };
}
