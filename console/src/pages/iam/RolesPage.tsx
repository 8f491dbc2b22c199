import type { Role } from '@aws-sdk/client-iam';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { TableProps } from '@cloudscape-design/components/table';
import { useState } from 'react';
import { useNotify } from '../../app/notifications';
import { useLoad } from '../../aws/useLoad';
import { Empty } from '../../components/Empty';
import { lazily } from '../../components/lazily';
import { Link, LinkButton } from '../../components/Link';
import { ListTable } from '../../components/ListTable';
import { createRolePath, rolePath } from './paths';
import { listRoles } from './roles';
import { trustedEntities } from './trust';

const DeleteRole = lazily(() => import('./DeleteRole'), 'DeleteRole');

interface Row extends Role {
  trusted: string;
}

const columns: TableProps.ColumnDefinition<Row>[] = [
  { id: 'name', header: 'Role name', sortingField: 'RoleName', isRowHeader: true, cell: (r) => <Link to={rolePath(r.RoleName!)}>{r.RoleName}</Link> },
  { id: 'trusted', header: 'Trusted entities', sortingField: 'trusted', cell: (r) => r.trusted || '-' },
  { id: 'description', header: 'Description', sortingField: 'Description', cell: (r) => r.Description || '-' },
  { id: 'created', header: 'Created', sortingField: 'CreateDate', cell: (r) => r.CreateDate?.toLocaleString() ?? '-' },
];

/** Every role of the account. */
export default function RolesPage() {
  const loaded = useLoad(async (signal) => (await listRoles(signal)).map(rowOf), []);
  const [deleting, setDeleting] = useState<Role>();
  const notify = useNotify();
  return (
    <>
      <ListTable
        title="Roles"
        description="An identity with permissions that services and people can assume."
        loaded={loaded}
        columns={columns}
        trackBy="RoleName"
        nameOf={(role) => role.RoleName ?? ''}
        fields={['RoleName', 'Description', 'trusted']}
        actions={(role) => (
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!role} onClick={() => setDeleting(role)}>Delete</Button>
            <LinkButton variant="primary" to={createRolePath}>Create role</LinkButton>
          </SpaceBetween>
        )}
        empty={<Empty title="No roles" action={<LinkButton to={createRolePath}>Create role</LinkButton>}>API Gateway needs a role to write logs.</Empty>}
      />
      {deleting && (
        <DeleteRole
          roleName={deleting.RoleName!}
          onDeleted={() => {
            notify.success(`Role ${deleting.RoleName} was deleted.`);
            void loaded.reload();
          }}
          onClose={() => setDeleting(undefined)}
        />
      )}
    </>
  );
}

function rowOf(role: Role): Row {
  return { ...role, trusted: trustedEntities(role.AssumeRolePolicyDocument).join(', ') };
}
