import { useCollection } from '@cloudscape-design/collection-hooks';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table, { type TableProps } from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import type { ReactNode } from 'react';
import type { Loaded } from '../aws/useLoad';
import { Empty } from './Empty';
import { ProblemAlert } from './Problem';

export interface ListTableProps<T> {
  /** What is listed: "API keys". */
  title: string;
  description?: ReactNode;
  loaded: Loaded<readonly T[]>;
  columns: readonly TableProps.ColumnDefinition<T>[];
  /** The member that tells rows apart and names them. */
  trackBy: keyof T & string;
  nameOf: (item: T) => string;
  /** Members that the search looks at; none gives no search. */
  fields?: readonly (keyof T & string)[];
  empty: ReactNode;
  /** Buttons for the row that is chosen, if any, and for the list. */
  actions: (chosen: T | undefined) => ReactNode;
  /** A part of a page rather than the page. */
  part?: boolean;
  /** In the place of the search, such as one that the server does. */
  filter?: ReactNode;
}

/** A list of things, one of which can be chosen. */
export function ListTable<T>({ title, description, loaded, columns, trackBy, nameOf, fields, empty, actions, part = false, filter }: ListTableProps<T>) {
  const { data, error, loading, reload } = loaded;
  const { items, filterProps, collectionProps, paginationProps, filteredItemsCount = 0, actions: collection } = useCollection(data ?? [], {
    filtering: {
      empty,
      noMatch: <Empty title="Nothing matches" action={<Button onClick={() => collection.setFiltering('')}>Clear search</Button>} />,
      fields: fields as string[] | undefined,
    },
    sorting: {},
    pagination: { pageSize: 50 },
    selection: { trackBy },
  });
  const chosen = collectionProps.selectedItems?.[0];
  const search = fields && (
    <TextFilter
      {...filterProps}
      filteringAriaLabel={`Find ${title}`}
      filteringPlaceholder={`Find ${title}`}
      countText={`${filteredItemsCount} ${filteredItemsCount === 1 ? 'match' : 'matches'}`}
    />
  );
  return (
    <Table
      {...collectionProps}
      variant={part ? 'container' : 'full-page'}
      stickyHeader={!part}
      wrapLines
      columnDefinitions={columns}
      items={items}
      loading={loading && !data}
      loadingText={`Loading ${title}`}
      selectionType="single"
      ariaLabels={{ tableLabel: title, selectionGroupLabel: `${title}: selection`, itemSelectionLabel: (_, item) => `Select ${nameOf(item)}` }}
      empty={error !== undefined ? <ProblemAlert error={error} onRetry={() => void reload()} /> : collectionProps.empty}
      header={
        <Header
          variant={part ? 'h2' : 'awsui-h1-sticky'}
          counter={data && `(${data.length})`}
          description={description}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button iconName="refresh" ariaLabel={`Refresh ${title}`} loading={loading && !!data} onClick={() => void reload()} />
              {actions(chosen && data?.find((item) => item[trackBy] === chosen[trackBy]))}
            </SpaceBetween>
          }
        >
          {title}
        </Header>
      }
      filter={filter ?? search}
      pagination={items.length < (filteredItemsCount || (data?.length ?? 0)) ? <Pagination {...paginationProps} /> : undefined}
    />
  );
}
