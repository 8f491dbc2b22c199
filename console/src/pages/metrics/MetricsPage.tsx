import { useCollection } from '@cloudscape-design/collection-hooks';
import { paginateListMetrics, type Dimension, type Metric } from '@aws-sdk/client-cloudwatch';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import { useState } from 'react';
import { cloudwatch } from '../../aws/cloudwatch';
import { useLoad } from '../../aws/useLoad';
import { Empty } from '../../components/Empty';
import { lazily } from '../../components/lazily';
import { ProblemAlert } from '../../components/Problem';

const Graph = lazily(() => import('./Graph'), 'Graph');

const most = 5000; // metrics listed
export const mostGraphed = 10;

export interface Listed extends Metric {
  key: string;
  dimensionText: string;
}

function listed(metric: Metric): Listed {
  const dimensionText = dimensionsText(metric.Dimensions);
  return { ...metric, dimensionText, key: JSON.stringify([metric.Namespace, metric.MetricName, dimensionText]) };
}

function dimensionsText(dimensions: Dimension[] = []): string {
  return dimensions.map((d) => `${d.Name} ${d.Value}`).join(', ');
}

async function listMetrics(abortSignal: AbortSignal): Promise<Listed[]> {
  const found: Listed[] = [];
  for await (const page of paginateListMetrics({ client: cloudwatch() }, {}, { abortSignal })) {
    found.push(...(page.Metrics ?? []).map(listed));
    if (found.length >= most) {
      break;
    }
  }
  return found;
}

/** Every metric of the region that had data in the last two weeks; the chosen ones as a graph. */
export default function MetricsPage() {
  const { data, error, loading, reload } = useLoad(listMetrics, []);
  const [namespace, setNamespace] = useState('');
  const namespaces = [...new Set((data ?? []).map((m) => m.Namespace ?? ''))].sort();
  const { items, collectionProps, filterProps, paginationProps, filteredItemsCount, actions } = useCollection((data ?? []).filter((m) => namespace === '' || m.Namespace === namespace), {
    filtering: {
      fields: ['MetricName', 'dimensionText', 'Namespace'],
      empty: <Empty title="No metrics">The gateway publishes them within a minute of the first request; PutMetricData and metric filters make others.</Empty>,
      noMatch: <Empty title="No metric matches" action={<Button onClick={() => actions.setFiltering('')}>Clear search</Button>} />,
    },
    sorting: { defaultState: { sortingColumn: { sortingField: 'Namespace' } } },
    selection: { trackBy: 'key', keepSelection: true },
    pagination: { pageSize: 20 },
  });
  const selected = collectionProps.selectedItems ?? [];
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description="Choose metrics to see them over time.">Metrics</Header>
      <ProblemAlert error={error} onRetry={() => void reload()} />
      {selected.length > 0 && <Graph metrics={selected.slice(0, mostGraphed)} />}
      <Table
        {...collectionProps}
        items={items}
        loading={loading && !data}
        loadingText="Reading metrics"
        selectionType="multi"
        isItemDisabled={(m) => selected.length >= mostGraphed && !selected.some((s) => s.key === m.key)}
        ariaLabels={{ tableLabel: 'Metrics', selectionGroupLabel: 'Metrics', allItemsSelectionLabel: () => 'All metrics of the page', itemSelectionLabel: (_, m) => `${m.MetricName} ${m.dimensionText}` }}
        columnDefinitions={[
          { id: 'name', header: 'Metric', isRowHeader: true, sortingField: 'MetricName', cell: (m) => m.MetricName },
          { id: 'dimensions', header: 'Dimensions', sortingField: 'dimensionText', cell: (m) => m.dimensionText || '-' },
          { id: 'namespace', header: 'Namespace', sortingField: 'Namespace', cell: (m) => m.Namespace },
        ]}
        header={
          <Header
            variant="h2"
            counter={data && `(${data.length.toLocaleString('en')}${data.length >= most ? '+' : ''})`}
            actions={<Button iconName="refresh" ariaLabel="Refresh metrics" loading={loading} onClick={() => void reload()} />}
          >
            All metrics
          </Header>
        }
        filter={
          <SpaceBetween direction="horizontal" size="s">
            <TextFilter {...filterProps} filteringPlaceholder="Find metrics" filteringAriaLabel="Find metrics" countText={`${filteredItemsCount} found`} />
            <Select
                ariaLabel="Namespace"
                selectedOption={{ value: namespace, label: namespace || 'Every namespace' }}
                options={[{ value: '', label: 'Every namespace' }, ...namespaces.map((value) => ({ value, label: value }))]}
                onChange={(e) => setNamespace(e.detail.selectedOption.value ?? '')}
              />
          </SpaceBetween>
        }
        pagination={<Pagination {...paginationProps} />}
      />
    </SpaceBetween>
  );
}
