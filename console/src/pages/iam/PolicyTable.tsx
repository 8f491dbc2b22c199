import { useCollection } from '@cloudscape-design/collection-hooks';
import type { Policy } from '@aws-sdk/client-iam';
import Button from '@cloudscape-design/components/button';
import Pagination from '@cloudscape-design/components/pagination';
import Table from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import { Empty } from '../../components/Empty';
import { PolicyName } from './PolicyName';

interface Props {
  policies: Policy[];
  loading: boolean;
  chosen: Policy[];
  onChoose: (policies: Policy[]) => void;
}

/** Managed policies to choose from. */
export function PolicyTable({ policies, loading, chosen, onChoose }: Props) {
  const { items, filterProps, collectionProps, paginationProps, filteredItemsCount, actions } = useCollection(policies, {
    filtering: {
      empty: <Empty title="No policies left to attach" />,
      noMatch: <Empty title="No policy matches" action={<Button formAction="none" onClick={() => actions.setFiltering('')}>Clear search</Button>} />,
      fields: ['PolicyName', 'Description', 'Arn'],
    },
    sorting: {},
    pagination: { pageSize: 10 },
  });
  return (
    <Table
      {...collectionProps}
      variant="embedded"
      items={items}
      loading={loading}
      loadingText="Loading policies"
      selectionType="multi"
      trackBy="Arn"
      selectedItems={chosen}
      onSelectionChange={(e) => onChoose(e.detail.selectedItems)}
      ariaLabels={{
        tableLabel: 'Policies',
        selectionGroupLabel: 'Policies',
        allItemsSelectionLabel: () => 'Select all policies',
        itemSelectionLabel: (_, policy) => `Select ${policy.PolicyName}`,
      }}
      columnDefinitions={[
        { id: 'name', header: 'Policy name', sortingField: 'PolicyName', isRowHeader: true, cell: (p) => <PolicyName arn={p.Arn!} /> },
        { id: 'type', header: 'Type', cell: (p) => policyType(p.Arn) },
        { id: 'used', header: 'Attached to', sortingField: 'AttachmentCount', cell: (p) => p.AttachmentCount ?? 0 },
      ]}
      filter={
        <TextFilter
          {...filterProps}
          filteringAriaLabel="Find policies"
          filteringPlaceholder="Find policies by name"
          countText={`${filteredItemsCount} ${filteredItemsCount === 1 ? 'match' : 'matches'}`}
        />
      }
      pagination={<Pagination {...paginationProps} />}
    />
  );
}

/** Whose policy it is, by its ARN. */
export function policyType(arn: string | undefined): string {
  return arn?.startsWith('arn:aws:iam::aws:') ? 'AWS managed' : 'Customer managed';
}
