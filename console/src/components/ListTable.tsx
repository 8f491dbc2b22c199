import { useCollection } from '@cloudscape-design/collection-hooks';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table, { type TableProps } from '@cloudscape-design/components/table';
import type { ReactNode } from 'react';
import type { Loaded } from '../aws/useLoad';
import { Empty } from './Empty';
import { lazily } from './lazily';
import { ProblemAlert } from './Problem';

const Search = lazily(() => import('./Search'), 'Search');
const few = 10; // rows that need no search

export interface ListTableProps<T> {
  /** What is listed: "API keys". */
  title: string;
  description?: ReactNode;
  loaded: Loaded<readonly T[]>;
  columns: readonly TableProps.ColumnDefinition<T>[];
  /** The member that tells rows apart and names them. */
  trackBy: keyof T & string;
  nameOf: (item: T) => string;
  /** Members that the search looks at; none gives no search, nor do a few rows in a part of a page. */
  fields?: readonly (keyof T & string)[];
  empty: ReactNode;
  /** Buttons for the row that is chosen, if any, and for the list. */
  actions: (chosen: T | undefined) => ReactNode;
  /** A part of a page rather than the page. */
  part?: boolean;
  /** In the place of the search, such as one that the server does. */
  filter?: ReactNode;
}

/** A list of things, one of which can be chosen; in the order of the first column, if that can be sorted by. */
export function ListTable<T>({ title, description, loaded, columns, trackBy, nameOf, fields, empty, actions, part = false, filter }: ListTableProps<T>) {
  const { data, error, loading, reload } = loaded;
  const first = columns[0]!;
  const { items, filterProps, collectionProps, paginationProps, filteredItemsCount = 0, actions: collection } = useCollection(data ?? [], {
    filtering: {
      empty,
      noMatch: <Empty title="Nothing matches" action={<Button onClick={() => collection.setFiltering('')}>Clear search</Button>} />,
      fields: fields as string[] | undefined,
    },
    sorting: first.sortingField ? { defaultState: { sortingColumn: first } } : {},
    pagination: { pageSize: 50 },
    selection: { trackBy },
  });
  const chosen = collectionProps.selectedItems?.[0];
  const search = fields && (!part || (data?.length ?? 0) > few) && <Search {...filterProps} what={title} count={filteredItemsCount} />;
  const problem = error !== undefined && <ProblemAlert error={error} onRetry={() => void reload()} />;
  return (
    <>
      {items.length > 0 && problem}
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
        empty={problem || collectionProps.empty}
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
        filter={filter ?? (search || undefined)}
        pagination={paginationProps.pagesCount > 1 ? <Pagination {...paginationProps} /> : undefined}
      />
    </>
  );
}
