// What is there before one-click enable or its undoing: the state from which the missing steps follow. The command
// `tollbook access-logs` looks at the same things and leaves the same marks, so that each undoes what the other did.
import { GetAccountCommand, GetStageCommand, paginateGetRestApis, GetStagesCommand, type Stage } from '@aws-sdk/client-api-gateway';
import { GetRoleCommand, paginateListAttachedRolePolicies } from '@aws-sdk/client-iam';
import { apigateway } from '../../../aws/apigateway';
import { hasCode } from '../../../aws/errors';
import { iam } from '../../../aws/iam';
import { logRole } from '../../iam/logRole';

/**
 * Marks what enable did. On the role its value lists "role" (made the role), "policy" (attached the policy) and
 * "account/REGION" (set the account's role there); on a stage it is "on".
 */
export const doneTag = 'tollbook:access-logs';

export interface FoundRole {
  arn: string;
  /** What enable did to the role and with it. */
  done: string[];
  attached: boolean;
}

export interface Found {
  region: string;
  accountId: string;
  apiId: string;
  stageName: string;
  roleName: string;
  role?: FoundRole;
  /** The role in API Gateway's settings; empty where none is set. */
  accountRoleArn: string;
  destinationArn: string;
  format: string;
  stageMarked: boolean;
}

export interface Place {
  region: string;
  accountId: string;
  apiId: string;
  stageName: string;
}

export async function survey(at: Place, abortSignal?: AbortSignal): Promise<Found> {
  const [stage, account, role] = await Promise.all([
    apigateway().send(new GetStageCommand({ restApiId: at.apiId, stageName: at.stageName }), { abortSignal }),
    apigateway().send(new GetAccountCommand({}), { abortSignal }),
    findRole(logRole.roleName, abortSignal),
  ]);
  return {
    ...at,
    roleName: logRole.roleName,
    role,
    accountRoleArn: account.cloudwatchRoleArn ?? '',
    destinationArn: stage.accessLogSettings?.destinationArn ?? '',
    format: stage.accessLogSettings?.format ?? '',
    stageMarked: stage.tags?.[doneTag] === 'on',
  };
}

async function findRole(roleName: string, abortSignal?: AbortSignal): Promise<FoundRole | undefined> {
  try {
    const { Role } = await iam().send(new GetRoleCommand({ RoleName: roleName }), { abortSignal });
    const done = Role?.Tags?.find((tag) => tag.Key === doneTag)?.Value ?? '';
    let attached = false;
    for await (const page of paginateListAttachedRolePolicies({ client: iam() }, { RoleName: roleName })) {
      attached ||= page.AttachedPolicies?.some((policy) => policy.PolicyArn === logRole.policyArn) ?? false;
    }
    return { arn: Role?.Arn ?? '', done: done.split(' ').filter(Boolean), attached };
  } catch (error) {
    if (hasCode(error, 'NoSuchEntity', 'NoSuchEntityException')) {
      return undefined;
    }
    throw error;
  }
}

/** Whether another stage of the region writes access logs or execution logs, and so needs the account's role. */
export async function otherStageLogs(found: Found): Promise<boolean> {
  for await (const page of paginateGetRestApis({ client: apigateway() }, { limit: 500 })) {
    for (const { id } of page.items ?? []) {
      const { item: stages = [] } = await apigateway().send(new GetStagesCommand({ restApiId: id }));
      if (stages.some((s) => writesLogs(s, id === found.apiId && s.stageName === found.stageName && found.stageMarked))) {
        return true;
      }
    }
  }
  return false;
}

/** Whether a stage needs the account's role. Where accessLogsGo, its access logs do not count. */
export function writesLogs(stage: Stage, accessLogsGo: boolean): boolean {
  if (stage.accessLogSettings?.destinationArn && !accessLogsGo) {
    return true;
  }
  return Object.values(stage.methodSettings ?? {}).some((s) => (s.loggingLevel ?? 'OFF') !== 'OFF');
}

export function logGroupOf(at: { apiId: string; stageName: string }): string {
  return `API-Gateway-Access-Logs_${at.apiId}/${at.stageName}`;
}

export function stageArn(at: { region: string; apiId: string; stageName: string }): string {
  return `arn:aws:apigateway:${at.region}::/restapis/${at.apiId}/stages/${at.stageName}`;
}
