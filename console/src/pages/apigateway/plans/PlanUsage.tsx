import { paginateGetUsage, type UsagePlan } from '@aws-sdk/client-api-gateway';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { apigateway } from '../../../aws/apigateway';
import { useLoad } from '../../../aws/useLoad';
import { BarChart } from '../../../components/chart/BarChart';
import { Empty } from '../../../components/Empty';
import { lazily } from '../../../components/lazily';
import { Link } from '../../../components/Link';
import { ListTable } from '../../../components/ListTable';
import { listPlanKeys } from '../keys/keys';
import { apiKeyPath } from '../paths';
import { dayOf, daysOf, usageCSV, usageOf, type KeyUsage } from './usage';

const Grant = lazily(() => import('./Grant'), 'Grant');

const dayForm = /^\d{4}-\d\d-\d\d$/;
const monthOfDays = 30;

/** What the keys of a plan have used by day, up to this moment; and more of it for one of them. */
export function PlanUsage({ plan }: { plan: UsagePlan }) {
  const [start, setStart] = useState(() => dayOf(Date.now() - (monthOfDays - 1) * 86_400_000));
  const [end, setEnd] = useState(() => dayOf(Date.now()));
  const right = dayForm.test(start) && dayForm.test(end) && start <= end;
  const days = right ? daysOf(start, end) : [];
  const loaded = useLoad((signal) => (right ? readUsage(plan.id!, start, end, signal) : Promise.resolve([])), [plan.id, start, end]);
  const [granting, setGranting] = useState<KeyUsage>();
  const used = (loaded.data ?? []).filter((k) => k.total > 0);
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header
            variant="h2"
            description="Requests that had a key of the plan and were let through, by day in UTC."
            actions={
              <SpaceBetween direction="horizontal" size="xs" alignItems="end">
                <Day label="From" value={start} onChange={setStart} />
                <Day label="To" value={end} onChange={setEnd} wrong={!right} />
                <Button iconName="download" disabled={used.length === 0} onClick={() => download(`usage-${plan.id}.csv`, usageCSV(days, loaded.data ?? []))}>Export</Button>
              </SpaceBetween>
            }
          >
            Requests by day
          </Header>
        }
      >
        {used.length > 0 && loaded.data && used[0]!.byDay.length === days.length ? (
          <BarChart label={`Requests by day from ${start} to ${end}`} labels={days} series={used.map((k) => ({ name: k.name, values: k.byDay }))} />
        ) : (
          <Empty title={right ? 'No requests with a key of the plan in these days' : 'Enter two days, such as 2026-11-01 and 2026-11-30'} />
        )}
      </Container>
      <ListTable
        part
        title="Usage by key"
        loaded={loaded}
        trackBy="keyId"
        nameOf={(k) => k.name}
        columns={[
          { id: 'name', header: 'API key', isRowHeader: true, sortingField: 'name', cell: (k) => <Link to={apiKeyPath(k.keyId)}>{k.name}</Link> },
          { id: 'total', header: 'Requests', sortingField: 'total', cell: (k) => k.total.toLocaleString('en') },
          { id: 'remaining', header: `Remaining on ${end}`, sortingField: 'remaining', cell: (k) => (plan.quota?.period ? k.remaining.toLocaleString('en') : 'No quota') },
        ]}
        actions={(key) => <Button disabled={!key || !plan.quota?.period} onClick={() => setGranting(key)}>Extend the quota</Button>}
        empty={<Empty title="No API keys">Add one in the tab Associated API keys.</Empty>}
      />
      {granting && <Grant plan={plan} usage={granting} onClose={() => setGranting(undefined)} onDone={loaded.reload} />}
    </SpaceBetween>
  );
}

function Day({ label, value, onChange, wrong = false }: { label: string; value: string; onChange: (day: string) => void; wrong?: boolean }) {
  return (
    <FormField label={label}>
      <Input value={value} invalid={wrong} onChange={(e) => onChange(e.detail.value.trim())} placeholder="YYYY-MM-DD" spellcheck={false} />
    </FormField>
  );
}

async function readUsage(usagePlanId: string, startDate: string, endDate: string, abortSignal: AbortSignal): Promise<KeyUsage[]> {
  const keys = await listPlanKeys(usagePlanId, abortSignal);
  const items: Record<string, number[][]> = {};
  for await (const page of paginateGetUsage({ client: apigateway() }, { usagePlanId, startDate, endDate, limit: 500 }, { abortSignal })) {
    Object.assign(items, page.items);
  }
  return usageOf(items, new Map(keys.map((k) => [k.id!, k.name ?? k.id!])));
}

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000); // when the browser has taken it
}
