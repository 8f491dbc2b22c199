import { DeleteRetentionPolicyCommand, PutRetentionPolicyCommand } from '@aws-sdk/client-cloudwatch-logs';
import { logs } from '../../aws/logs';

/** Sets for how many days a log group keeps its entries; undefined is for ever. */
export async function setRetention(logGroupName: string, days: number | undefined): Promise<void> {
  if (days === undefined) {
    await logs().send(new DeleteRetentionPolicyCommand({ logGroupName }));
  } else {
    await logs().send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: days }));
  }
}
