// Addresses of the IAM pages.

export const rolesPath = '/iam/roles';

export const createRolePath = '/iam/roles/create';

/** Role names hold no slash, and "create" is never looked up: the role of that name has its page below roles/role. */
export function rolePath(roleName: string): string {
  return `/iam/roles/role/${encodeURIComponent(roleName)}`;
}
