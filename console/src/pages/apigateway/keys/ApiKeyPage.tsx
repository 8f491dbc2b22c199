import { DeleteUsagePlanKeyCommand, GetApiKeyCommand, type ApiKey, type UsagePlan } from '@aws-sdk/client-api-gateway';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { useLoad } from '../../../aws/useLoad';
import { Copyable } from '../../../components/Copyable';
import { Empty } from '../../../components/Empty';
import { lazily } from '../../../components/lazily';
import { Link } from '../../../components/Link';
import { ListTable } from '../../../components/ListTable';
import { Unloaded } from '../../../components/Unloaded';
import { ApiTags } from '../ApiTags';
import { apiKeysPath, usagePlanPath } from '../paths';
import { listPlans } from './keys';
import { KeyValue, Status } from './KeyValue';

const AddToPlan = lazily(() => import('./AddToPlan'), 'AddToPlan');
const ConfirmDelete = lazily(() => import('../../../components/ConfirmDelete'), 'ConfirmDelete');
const DeleteKey = lazily(() => import('./DeleteKey'), 'DeleteKey');
const EditKey = lazily(() => import('./EditKey'), 'EditKey');

/** One API key: its value, what it opens, its tags. */
export default function ApiKeyPage() {
  const { keyId = '' } = useParams();
  const { data: key, error, reload } = useLoad((abortSignal) => apigateway().send(new GetApiKeyCommand({ apiKey: keyId }), { abortSignal }), [keyId]);
  const [open, setOpen] = useState<'edit' | 'delete'>();
  const navigate = useNavigate();
  if (!key) {
    return <Unloaded loading="Loading the API key" error={error} reload={reload} heading={`API key ${keyId}`} />;
  }
  const close = () => setOpen(undefined);
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button onClick={() => setOpen('edit')}>Edit</Button>
            <Button onClick={() => setOpen('delete')}>Delete</Button>
          </SpaceBetween>
        }
      >
        {key.name || key.id}
      </Header>
      <Details apiKey={key} />
      <Plans keyId={keyId} />
      <ApiTags path={`/apikeys/${keyId}`} tags={key.tags} reload={reload} />
      {open === 'edit' && <EditKey apiKey={key} onClose={close} onDone={reload} />}
      {open === 'delete' && <DeleteKey apiKey={key} onClose={close} onDone={() => void navigate(apiKeysPath)} />}
    </SpaceBetween>
  );
}

function Details({ apiKey }: { apiKey: ApiKey }) {
  return (
    <Container header={<Header variant="h2">API key details</Header>}>
      <KeyValuePairs
        columns={3}
        items={[
          { label: 'API key ID', value: <Copyable value={apiKey.id!} label="API key ID" /> },
          { label: 'API key', value: <KeyValue id={apiKey.id!} name={apiKey.name ?? ''} /> },
          { label: 'Status', value: <Status enabled={apiKey.enabled} /> },
          { label: 'Description', value: apiKey.description || '-' },
          { label: 'Created', value: apiKey.createdDate?.toLocaleString() ?? '-' },
          { label: 'Last updated', value: apiKey.lastUpdatedDate?.toLocaleString() ?? '-' },
        ]}
      />
    </Container>
  );
}

function Plans({ keyId }: { keyId: string }) {
  const loaded = useLoad((signal) => listPlans(keyId, signal), [keyId]);
  const [open, setOpen] = useState<'add' | UsagePlan>();
  const notify = useNotify();
  const close = () => setOpen(undefined);
  const leave = async (plan: UsagePlan) => {
    await apigateway().send(new DeleteUsagePlanKeyCommand({ usagePlanId: plan.id, keyId }));
    notify.success(`The API key left usage plan ${plan.name}.`);
    await loaded.reload();
  };
  const add = <Button onClick={() => setOpen('add')}>Add to usage plan</Button>;
  return (
    <>
      <ListTable
        part
        title="Associated usage plans"
        loaded={loaded}
        trackBy="id"
        nameOf={(p) => p.name ?? ''}
        columns={[
          { id: 'name', header: 'Name', isRowHeader: true, cell: (p) => <Link to={usagePlanPath(p.id!)}>{p.name}</Link> },
          { id: 'stages', header: 'Stages', cell: (p) => p.apiStages?.map((s) => `${s.apiId}/${s.stage}`).join(', ') || '-' },
          { id: 'rate', header: 'Rate', cell: (p) => (p.throttle?.rateLimit === undefined ? '-' : `${p.throttle.rateLimit.toLocaleString()} per second`) },
          { id: 'quota', header: 'Quota', cell: (p) => (p.quota?.period ? `${p.quota.limit?.toLocaleString()} per ${p.quota.period.toLowerCase()}` : '-') },
        ]}
        actions={(plan) => (
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!plan} onClick={() => setOpen(plan)}>Remove</Button>
            {add}
          </SpaceBetween>
        )}
        empty={<Empty title="In no usage plan" action={add}>A key opens nothing until it is in a usage plan that holds the stage.</Empty>}
      />
      {open === 'add' && <AddToPlan keyId={keyId} present={(loaded.data ?? []).map((p) => p.id!)} onClose={close} onDone={loaded.reload} />}
      {typeof open === 'object' && (
        <ConfirmDelete title="Remove from usage plan" onDelete={() => leave(open)} onClose={close}>
          The key no longer opens the stages of <b>{open.name}</b>, and what it has used of the plan is forgotten.
        </ConfirmDelete>
      )}
    </>
  );
}
