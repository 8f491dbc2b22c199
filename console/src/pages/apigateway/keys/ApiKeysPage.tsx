import type { ApiKey } from '@aws-sdk/client-api-gateway';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { TableProps } from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useNotify } from '../../../app/notifications';
import { useLoad } from '../../../aws/useLoad';
import { Empty } from '../../../components/Empty';
import { lazily } from '../../../components/lazily';
import { Link } from '../../../components/Link';
import { ListTable } from '../../../components/ListTable';
import { apiKeyPath } from '../paths';
import { listKeys, patchKey } from './keys';
import { KeyValue, Status } from './KeyValue';

const CreateKey = lazily(() => import('./CreateKey'), 'CreateKey');
const DeleteKey = lazily(() => import('./DeleteKey'), 'DeleteKey');
const ImportKeys = lazily(() => import('./ImportKeys'), 'ImportKeys');

const columns: TableProps.ColumnDefinition<ApiKey>[] = [
  { id: 'name', header: 'Name', sortingField: 'name', isRowHeader: true, cell: (k) => <Link to={apiKeyPath(k.id!)}>{k.name || k.id}</Link> },
  { id: 'id', header: 'ID', sortingField: 'id', cell: (k) => k.id },
  { id: 'value', header: 'API key', minWidth: 200, cell: (k) => <KeyValue id={k.id!} name={k.name ?? ''} /> },
  { id: 'status', header: 'Status', sortingField: 'enabled', cell: (k) => <Status enabled={k.enabled} /> },
  { id: 'description', header: 'Description', cell: (k) => k.description || '-' },
  { id: 'created', header: 'Created', sortingField: 'createdDate', cell: (k) => k.createdDate?.toLocaleString() ?? '-' },
];

/** The API keys of the account in the region. */
export default function ApiKeysPage() {
  const [typed, setTyped] = useState('');
  const [prefix, setPrefix] = useState('');
  const loaded = useLoad((signal) => listKeys(prefix, signal), [prefix]);
  const [open, setOpen] = useState<'create' | 'import' | ApiKey>();
  const navigate = useNavigate();
  const notify = useNotify();
  const close = () => setOpen(undefined);
  const turn = async (key: ApiKey) => {
    try {
      await patchKey(key.id!, { op: 'replace', path: '/enabled', value: String(!key.enabled) });
      notify.success(`API key ${key.name} is ${key.enabled ? 'disabled' : 'enabled'}.`);
      await loaded.reload();
    } catch (problem) {
      notify.error(problem, 'The API key was not changed');
    }
  };
  const actions = (key?: ApiKey) => (
    <SpaceBetween direction="horizontal" size="xs">
      <Button disabled={!key} onClick={() => key && void turn(key)}>{key?.enabled === false ? 'Enable' : 'Disable'}</Button>
      <Button disabled={!key} onClick={() => setOpen(key)}>Delete</Button>
      <Button onClick={() => setOpen('import')}>Import API keys</Button>
      <Button variant="primary" onClick={() => setOpen('create')}>Create API key</Button>
    </SpaceBetween>
  );
  return (
    <>
      <ListTable
        title="API keys"
        description="A client sends its key in the header x-api-key. It opens what the usage plans hold that it is in."
        loaded={loaded}
        columns={columns}
        trackBy="id"
        nameOf={(k) => k.name ?? k.id ?? ''}
        actions={actions}
        filter={
          <TextFilter
            filteringText={typed}
            filteringAriaLabel="Name begins with"
            filteringPlaceholder="Name begins with"
            onChange={(e) => setTyped(e.detail.filteringText)}
            onDelayedChange={(e) => setPrefix(e.detail.filteringText)}
          />
        }
        empty={
          prefix ? <Empty title={`No API key's name begins with ${prefix}`} /> : (
            <Empty title="No API keys" action={<Button onClick={() => setOpen('create')}>Create API key</Button>}>
              Create one, then add it to a usage plan that holds a stage of your API.
            </Empty>
          )
        }
      />
      {open === 'create' && <CreateKey onClose={close} onDone={async (key) => { notify.success(`API key ${key.name} was created.`); await navigate(apiKeyPath(key.id!)); }} />}
      {open === 'import' && <ImportKeys onClose={close} onDone={loaded.reload} />}
      {typeof open === 'object' && <DeleteKey apiKey={open} onClose={close} onDone={() => void loaded.reload()} />}
    </>
  );
}
