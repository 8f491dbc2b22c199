import { DeleteDomainNameCommand, paginateGetDomainNames, type DomainName } from '@aws-sdk/client-api-gateway';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { TableProps } from '@cloudscape-design/components/table';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { itemsOf } from '../../../aws/pages';
import { useLoad } from '../../../aws/useLoad';
import { Empty } from '../../../components/Empty';
import { lazily } from '../../../components/lazily';
import { Link } from '../../../components/Link';
import { ListTable } from '../../../components/ListTable';
import { domainNamePath } from '../paths';

const ConfirmDelete = lazily(() => import('../../../components/ConfirmDelete'), 'ConfirmDelete');
const CreateDomainName = lazily(() => import('./CreateDomainName'), 'CreateDomainName');

const columns: TableProps.ColumnDefinition<DomainName>[] = [
  { id: 'name', header: 'Domain name', sortingField: 'domainName', isRowHeader: true, cell: (d) => <Link to={domainNamePath(d.domainName!)}>{d.domainName}</Link> },
  { id: 'endpoint', header: 'Endpoint type', cell: (d) => d.endpointConfiguration?.types?.[0] ?? '-' },
  { id: 'certificate', header: 'Certificate', cell: (d) => (d.certificateUploadDate ? `Given ${d.certificateUploadDate.toLocaleDateString()}` : "The server's own") },
  { id: 'tls', header: 'Mutual TLS', cell: (d) => (d.mutualTlsAuthentication?.truststoreUri ? 'On' : 'Off') },
  { id: 'status', header: 'Status', cell: (d) => <StatusIndicator type={d.domainNameStatus === 'AVAILABLE' ? 'success' : 'pending'}>{d.domainNameStatus ?? '-'}</StatusIndicator> },
];

/** Names of one's own that lead to stages. */
export default function DomainNamesPage() {
  const loaded = useLoad((abortSignal) => itemsOf(paginateGetDomainNames({ client: apigateway() }, { limit: 500 }, { abortSignal })), []);
  const [open, setOpen] = useState<'create' | DomainName>();
  const navigate = useNavigate();
  const notify = useNotify();
  const close = () => setOpen(undefined);
  const remove = async ({ domainName }: DomainName) => {
    await apigateway().send(new DeleteDomainNameCommand({ domainName }));
    notify.success(`Domain name ${domainName} was deleted.`);
    await loaded.reload();
  };
  return (
    <>
      <ListTable
        title="Custom domain names"
        description="The gateway listener serves a name once it points here; a base path then leads to a stage."
        loaded={loaded}
        columns={columns}
        trackBy="domainName"
        nameOf={(d) => d.domainName ?? ''}
        fields={['domainName']}
        actions={(domain) => (
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!domain} onClick={() => setOpen(domain)}>Delete</Button>
            <Button variant="primary" onClick={() => setOpen('create')}>Create domain name</Button>
          </SpaceBetween>
        )}
        empty={<Empty title="No custom domain names" action={<Button onClick={() => setOpen('create')}>Create domain name</Button>}>With one, clients call https://api.example.com/notes instead of a stage&apos;s own URL.</Empty>}
      />
      {open === 'create' && <CreateDomainName onClose={close} onDone={async (name) => { notify.success(`Domain name ${name} was created. Map base paths of it to stages.`); await navigate(domainNamePath(name)); }} />}
      {typeof open === 'object' && (
        <ConfirmDelete title="Delete domain name" onDelete={() => remove(open)} onClose={close}>
          <b>{open.domainName}</b> goes with its certificate and its API mappings; requests to it are refused at once.
        </ConfirmDelete>
      )}
    </>
  );
}
