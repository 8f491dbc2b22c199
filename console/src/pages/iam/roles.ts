// What the pages ask of IAM, in more than one call each.
import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  paginateListAttachedRolePolicies,
  paginateListPolicies,
  paginateListRolePolicies,
  paginateListRoles,
  type AttachedPolicy,
  type Policy,
  type Role,
} from '@aws-sdk/client-iam';
import { iam } from '../../aws/iam';
import { readable } from './trust';

export async function listRoles(abortSignal?: AbortSignal): Promise<Role[]> {
  const roles: Role[] = [];
  for await (const page of paginateListRoles({ client: iam(), pageSize: 1000 }, {}, { abortSignal })) {
    roles.push(...(page.Roles ?? []));
  }
  return roles;
}

/** Every managed policy of AWS and of the account. */
export async function listPolicies(abortSignal?: AbortSignal): Promise<Policy[]> {
  const policies: Policy[] = [];
  for await (const page of paginateListPolicies({ client: iam(), pageSize: 1000 }, {}, { abortSignal })) {
    policies.push(...(page.Policies ?? []));
  }
  return policies;
}

export interface InlinePolicy {
  name: string;
  document: string;
}

export interface RoleDetails {
  role: Role;
  attached: AttachedPolicy[];
  inline: InlinePolicy[];
}

export async function getRole(roleName: string, abortSignal?: AbortSignal): Promise<RoleDetails> {
  const [{ Role }, attached, inline] = await Promise.all([
    iam().send(new GetRoleCommand({ RoleName: roleName }), { abortSignal }),
    listAttached(roleName, abortSignal),
    listInline(roleName, abortSignal),
  ]);
  return { role: Role!, attached, inline };
}

async function listAttached(RoleName: string, abortSignal?: AbortSignal): Promise<AttachedPolicy[]> {
  const attached: AttachedPolicy[] = [];
  for await (const page of paginateListAttachedRolePolicies({ client: iam() }, { RoleName }, { abortSignal })) {
    attached.push(...(page.AttachedPolicies ?? []));
  }
  return attached;
}

async function listInline(RoleName: string, abortSignal?: AbortSignal): Promise<InlinePolicy[]> {
  const names: string[] = [];
  for await (const page of paginateListRolePolicies({ client: iam() }, { RoleName }, { abortSignal })) {
    names.push(...(page.PolicyNames ?? []));
  }
  return Promise.all(names.map(async (name) => {
    const { PolicyDocument } = await iam().send(new GetRolePolicyCommand({ RoleName, PolicyName: name }), { abortSignal });
    return { name, document: readable(PolicyDocument) };
  }));
}

/** The document of a managed policy's default version. */
export async function policyDocument(arn: string, abortSignal?: AbortSignal): Promise<string> {
  const { Policy } = await iam().send(new GetPolicyCommand({ PolicyArn: arn }), { abortSignal });
  const version = { PolicyArn: arn, VersionId: Policy?.DefaultVersionId };
  const { PolicyVersion } = await iam().send(new GetPolicyVersionCommand(version), { abortSignal });
  return readable(PolicyVersion?.Document);
}

/** What was made when a later step failed. */
export class HalfDone extends Error {
  constructor(readonly problem: unknown) {
    super('The role was created, but a policy was not attached to it.');
  }
}

/** Creates a role and attaches policies to it. @throws HalfDone where the role is there but a policy is missing */
export async function createRole(role: { name: string; description: string; trust: string }, policyArns: string[]): Promise<void> {
  const { name: RoleName, description, trust } = role;
  await iam().send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust, Description: description || undefined }));
  try {
    for (const PolicyArn of policyArns) {
      await iam().send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
    }
  } catch (problem) {
    throw new HalfDone(problem);
  }
}

/** Deletes a role with its inline policies, after detaching its managed ones; IAM deletes no role that has any. */
export async function deleteRole(RoleName: string): Promise<void> {
  for (const { PolicyArn } of await listAttached(RoleName)) {
    await iam().send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
  }
  for (const { name } of await listInline(RoleName)) {
    await iam().send(new DeleteRolePolicyCommand({ RoleName, PolicyName: name }));
  }
  await iam().send(new DeleteRoleCommand({ RoleName }));
}
