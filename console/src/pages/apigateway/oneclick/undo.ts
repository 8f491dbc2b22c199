import { UntagResourceCommand, UpdateStageCommand } from '@aws-sdk/client-api-gateway';
import { DeleteRoleCommand, DetachRolePolicyCommand, UntagRoleCommand } from '@aws-sdk/client-iam';
import { apigateway } from '../../../aws/apigateway';
import { hasCode } from '../../../aws/errors';
import { iam } from '../../../aws/iam';
import { logRole } from '../../iam/logRole';
import type { Step } from '../steps';
import { setLogRole } from './enable';
import { doneTag, stageArn, type Found } from './found';

/**
 * The steps that undo what enable did: the stage's access logs always; the account's setting, the policy and the role
 * only where enable made them and no other stage of the region logs with them. Log groups and their entries stay.
 * @param othersLog whether another stage of the region writes logs
 */
export function undoSteps(found: Found, othersLog: boolean): Step[] {
  const steps: Step[] = [];
  if (found.stageMarked) {
    steps.push({ what: `Turn off access logs of ${found.apiId}/${found.stageName}`, do: () => clearAccessLogs(found) });
  }
  const { role, roleName } = found;
  if (!role || role.done.length === 0 || othersLog) {
    return steps;
  }
  if (role.done.includes(`account/${found.region}`) && found.accountRoleArn === role.arn) {
    steps.push({ what: `Clear role ${roleName} from API Gateway's settings`, do: () => setLogRole('') });
  }
  if (role.done.some((done) => done.startsWith('account/') && done !== `account/${found.region}`)) {
    return steps; // in use in another region, whose settings stay as they are
  }
  if (role.done.includes('policy') && role.attached) {
    steps.push({ what: `Detach AmazonAPIGatewayPushToCloudWatchLogs from role ${roleName}`, do: () => detachPolicy(roleName) });
  }
  const last = role.done.includes('role')
    ? { what: `Delete role ${roleName}`, do: () => deleteRole(roleName) }
    : { what: `Remove tag ${doneTag} from role ${roleName}`, do: () => unmarkRole(roleName) };
  return [...steps, last];
}

async function clearAccessLogs(found: Found): Promise<void> {
  if (found.destinationArn || found.format) {
    await turnOffAccessLogs(found);
  }
  await apigateway().send(new UntagResourceCommand({ resourceArn: stageArn(found), tagKeys: [doneTag] }));
}

/** Removes a stage's destination and format. */
export async function turnOffAccessLogs(at: { apiId: string; stageName: string }): Promise<void> {
  await apigateway().send(
    new UpdateStageCommand({ restApiId: at.apiId, stageName: at.stageName, patchOperations: [{ op: 'remove', path: '/accessLogSettings' }] }),
  );
}

async function detachPolicy(roleName: string): Promise<void> {
  await iam().send(new DetachRolePolicyCommand({ RoleName: roleName, PolicyArn: logRole.policyArn }));
}

/** Leaves a role to which somebody has added policies of their own. */
async function deleteRole(roleName: string): Promise<void> {
  try {
    await iam().send(new DeleteRoleCommand({ RoleName: roleName }));
  } catch (error) {
    if (hasCode(error, 'DeleteConflict', 'DeleteConflictException')) {
      await unmarkRole(roleName);
      throw new Error('The role has policies that enable did not attach; it stays.');
    }
    throw error;
  }
}

async function unmarkRole(roleName: string): Promise<void> {
  await iam().send(new UntagRoleCommand({ RoleName: roleName, TagKeys: [doneTag] }));
}
