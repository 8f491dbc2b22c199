import { useCollection } from '@cloudscape-design/collection-hooks';
import type { Role } from '@aws-sdk/client-iam';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table, { type TableProps } from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import { useState } from 'react';
import { useNotify } from '../../app/notifications';
import { useLoad } from '../../aws/useLoad';
import { Empty } from '../../components/Empty';
import { Link, LinkButton } from '../../components/Link';
import { ProblemAlert } from '../../components/Problem';
import { DeleteRole } from './DeleteRole';
import { createRolePath, rolePath } from './paths';
import { listRoles } from './roles';
import { trustedEntities } from './trust';

const columns: TableProps.ColumnDefinition<Role>[] = [
  { id: 'name', header: 'Role name', sortingField: 'RoleName', isRowHeader: true, cell: (r) => <Link to={rolePath(r.RoleName!)}>{r.RoleName}</Link> },
  { id: 'trusted', header: 'Trusted entities', cell: (r) => trustedEntities(r.AssumeRolePolicyDocument).join(', ') || '-' },
  { id: 'description', header: 'Description', sortingField: 'Description', cell: (r) => r.Description || '-' },
  { id: 'created', header: 'Created', sortingField: 'CreateDate', cell: (r) => r.CreateDate?.toLocaleString() ?? '-' },
];

/** Every role of the account. */
export default function RolesPage() {
  const { data, error, loading, reload } = useLoad(listRoles, []);
  const [deleting, setDeleting] = useState<Role>();
  const notify = useNotify();
  const { items, filterProps, collectionProps, paginationProps, filteredItemsCount, actions } = useCollection(data ?? [], {
    filtering: {
      empty: <Empty title="No roles" action={<LinkButton to={createRolePath}>Create role</LinkButton>}>API Gateway needs a role to write logs.</Empty>,
      noMatch: <Empty title="No role matches" action={<Button onClick={() => actions.setFiltering('')}>Clear search</Button>} />,
      filteringFunction: (role, text) =>
        [role.RoleName, role.Description, ...trustedEntities(role.AssumeRolePolicyDocument)].some((s) => s?.toLowerCase().includes(text.toLowerCase())),
    },
    sorting: { defaultState: { sortingColumn: columns[0]! } },
    pagination: { pageSize: 50 },
    selection: { trackBy: 'RoleName' },
  });
  const selected = collectionProps.selectedItems?.[0];
  return (
    <>
      <Table
        {...collectionProps}
        variant="full-page"
        stickyHeader
        wrapLines
        columnDefinitions={columns}
        items={items}
        loading={loading && !data}
        loadingText="Loading roles"
        selectionType="single"
        ariaLabels={{
          tableLabel: 'Roles',
          selectionGroupLabel: 'Role selection',
          itemSelectionLabel: (_, role) => `Select ${role.RoleName}`,
        }}
        empty={error ? <ProblemAlert error={error} onRetry={() => void reload()} /> : collectionProps.empty}
        header={
          <Header
            variant="awsui-h1-sticky"
            counter={data && `(${data.length})`}
            description="An identity with permissions that services and people can assume."
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button iconName="refresh" ariaLabel="Refresh" loading={loading && !!data} onClick={() => void reload()} />
                <Button disabled={!selected} onClick={() => setDeleting(selected)}>Delete</Button>
                <LinkButton variant="primary" to={createRolePath}>Create role</LinkButton>
              </SpaceBetween>
            }
          >
            Roles
          </Header>
        }
        filter={
          <TextFilter
            {...filterProps}
            filteringAriaLabel="Find roles"
            filteringPlaceholder="Find roles"
            countText={`${filteredItemsCount} ${filteredItemsCount === 1 ? 'match' : 'matches'}`}
          />
        }
        pagination={<Pagination {...paginationProps} />}
      />
      {deleting && (
        <DeleteRole
          roleName={deleting.RoleName!}
          onDeleted={() => {
            notify.success(`Role ${deleting.RoleName} was deleted.`);
            void reload();
          }}
          onClose={() => setDeleting(undefined)}
        />
      )}
    </>
  );
}
