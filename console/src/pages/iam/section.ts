import { page, type Crumb, type Section } from '../../app/section';
import { createRolePath, rolePath, rolesPath } from './paths';

const roles: Crumb = { text: 'Roles', href: rolesPath };

export const iam: Section = {
  title: 'IAM',
  nav: [{ text: 'Roles', href: rolesPath }],
  routes: [
    page(rolesPath, () => [roles], () => import('./RolesPage')),
    page(createRolePath, () => [roles, { text: 'Create role', href: createRolePath }], () => import('./CreateRolePage')),
    page(`${rolesPath}/role/:roleName`, ({ params: { roleName = '' } }) => [roles, { text: roleName, href: rolePath(roleName) }], () => import('./RolePage')),
  ],
};
