import { TagResourceCommand, UpdateAccountCommand, UpdateStageCommand } from '@aws-sdk/client-api-gateway';
import { AttachRolePolicyCommand, CreateRoleCommand, TagRoleCommand } from '@aws-sdk/client-iam';
import { apigateway } from '../../../aws/apigateway';
import { iam } from '../../../aws/iam';
import { logRole } from '../../iam/logRole';
import { trustPolicy } from '../../iam/trust';
import type { Step } from '../steps';
import { logGroupArn } from '../../../aws/arn';
import { doneTag, logGroupOf, stageArn, type Found } from './found';

/**
 * The steps that are missing. A role that somebody has set in API Gateway's settings is kept and no other is made.
 * @throws where the stage already writes access logs in another way
 */
export function enableSteps(found: Found, format: string): Step[] {
  const steps = found.accountRoleArn === '' ? roleSteps(found) : [];
  const group = logGroupOf(found);
  const on = found.destinationArn !== '';
  if (found.destinationArn === logGroupArn(found, group) && trimEnd(found.format) === trimEnd(format)) {
    return steps;
  }
  if (on && !found.stageMarked) {
    throw new Error(`Stage ${found.stageName} already writes access logs to ${found.destinationArn} in a format of its own. Change or remove them below first.`);
  }
  return [...steps, { what: `Turn on access logs of ${found.apiId}/${found.stageName} to log group ${group}`, do: () => setAccessLogs(found, format) }];
}

function trimEnd(format: string): string {
  return format.replace(/\n+$/, '');
}

function roleSteps(found: Found): Step[] {
  const work = { ...found, done: found.role?.done ?? [], arn: found.role?.arn ?? '' };
  const steps: Step[] = [];
  if (!found.role) {
    steps.push({ what: `Create role ${found.roleName} that API Gateway may assume`, do: () => createRole(work) });
  }
  if (!found.role?.attached) {
    steps.push({ what: `Attach AmazonAPIGatewayPushToCloudWatchLogs to role ${found.roleName}`, do: () => attachPolicy(work) });
  }
  steps.push({ what: `Set role ${found.roleName} in API Gateway's settings`, do: () => setAccountRole(work) });
  return steps;
}

/** The role as it becomes from step to step. */
interface Work {
  roleName: string;
  region: string;
  done: string[];
  arn: string;
}

async function createRole(work: Work): Promise<void> {
  const done = ['role', 'policy'];
  const { Role } = await iam().send(
    new CreateRoleCommand({
      RoleName: work.roleName,
      AssumeRolePolicyDocument: trustPolicy(logRole.service),
      Description: logRole.useCase,
      Tags: [{ Key: doneTag, Value: done.join(' ') }],
    }),
  );
  work.done = done;
  work.arn = Role?.Arn ?? '';
}

async function attachPolicy(work: Work): Promise<void> {
  await mark(work, 'policy');
  await iam().send(new AttachRolePolicyCommand({ RoleName: work.roleName, PolicyArn: logRole.policyArn }));
}

async function setAccountRole(work: Work): Promise<void> {
  await mark(work, `account/${work.region}`);
  await setLogRole(work.arn);
}

/**
 * Notes on the role, before it is done, what is about to be done: a change that was not made is then undone without harm,
 * one that was made is never forgotten.
 */
async function mark(work: Work, done: string): Promise<void> {
  if (work.done.includes(done)) {
    return;
  }
  work.done = [...work.done, done];
  await iam().send(new TagRoleCommand({ RoleName: work.roleName, Tags: [{ Key: doneTag, Value: work.done.join(' ') }] }));
}

async function setAccessLogs(found: Found, format: string): Promise<void> {
  await apigateway().send(new TagResourceCommand({ resourceArn: stageArn(found), tags: { [doneTag]: 'on' } }));
  await saveAccessLogs(found, logGroupArn(found, logGroupOf(found)), format);
}

/** Sets a stage's destination and format. */
export async function saveAccessLogs(at: { apiId: string; stageName: string }, destinationArn: string, format: string): Promise<void> {
  await apigateway().send(
    new UpdateStageCommand({
      restApiId: at.apiId,
      stageName: at.stageName,
      patchOperations: [
        { op: 'replace', path: '/accessLogSettings/destinationArn', value: destinationArn },
        { op: 'replace', path: '/accessLogSettings/format', value: format },
      ],
    }),
  );
}

/** Sets the role that API Gateway writes logs with in this region; an empty ARN clears it. */
export async function setLogRole(arn: string): Promise<void> {
  await apigateway().send(new UpdateAccountCommand({ patchOperations: [{ op: 'replace', path: '/cloudwatchRoleArn', value: arn }] }));
}
