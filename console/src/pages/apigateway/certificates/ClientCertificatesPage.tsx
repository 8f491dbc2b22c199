import { DeleteClientCertificateCommand, type ClientCertificate } from '@aws-sdk/client-api-gateway';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { TableProps } from '@cloudscape-design/components/table';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { useLoad } from '../../../aws/useLoad';
import { Empty } from '../../../components/Empty';
import { lazily } from '../../../components/lazily';
import { ListTable } from '../../../components/ListTable';
import { listCertificates } from '../certificates';

const CertificateModal = lazily(() => import('./CertificateModal'), 'CertificateModal');
const ConfirmDelete = lazily(() => import('../../../components/ConfirmDelete'), 'ConfirmDelete');
const EditCertificate = lazily(() => import('./EditCertificate'), 'EditCertificate');

const columns: TableProps.ColumnDefinition<ClientCertificate>[] = [
  { id: 'id', header: 'ID', sortingField: 'clientCertificateId', isRowHeader: true, cell: (c) => c.clientCertificateId },
  { id: 'description', header: 'Description', sortingField: 'description', cell: (c) => c.description || '-' },
  { id: 'created', header: 'Created', sortingField: 'createdDate', cell: (c) => c.createdDate?.toLocaleString() ?? '-' },
  { id: 'expires', header: 'Expires', sortingField: 'expirationDate', cell: (c) => c.expirationDate?.toLocaleString() ?? '-' },
];

/** Certificates by which back ends tell that it is the gateway that calls them. */
export default function ClientCertificatesPage() {
  const loaded = useLoad(listCertificates, []);
  const [open, setOpen] = useState<{ what: 'edit'; certificate?: ClientCertificate } | { what: 'show' | 'delete'; certificate: ClientCertificate }>();
  const notify = useNotify();
  const close = () => setOpen(undefined);
  const remove = async ({ clientCertificateId }: ClientCertificate) => {
    await apigateway().send(new DeleteClientCertificateCommand({ clientCertificateId }));
    notify.success(`Client certificate ${clientCertificateId} was deleted.`);
    await loaded.reload();
  };
  return (
    <>
      <ListTable
        title="Client certificates"
        description="The gateway shows a stage's client certificate to the back ends that it calls. Its private key never leaves the server."
        loaded={loaded}
        columns={columns}
        trackBy="clientCertificateId"
        nameOf={(c) => c.clientCertificateId ?? ''}
        fields={['clientCertificateId', 'description']}
        actions={(certificate) => (
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!certificate} onClick={() => certificate && setOpen({ what: 'show', certificate })}>View certificate</Button>
            <Button disabled={!certificate} onClick={() => setOpen({ what: 'edit', certificate })}>Edit</Button>
            <Button disabled={!certificate} onClick={() => certificate && setOpen({ what: 'delete', certificate })}>Delete</Button>
            <Button variant="primary" onClick={() => setOpen({ what: 'edit' })}>Generate certificate</Button>
          </SpaceBetween>
        )}
        empty={<Empty title="No client certificates" action={<Button onClick={() => setOpen({ what: 'edit' })}>Generate certificate</Button>}>Generate one, choose it in a stage&apos;s details, and let the back end demand it.</Empty>}
      />
      {open?.what === 'show' && <CertificateModal certificate={open.certificate} onClose={close} />}
      {open?.what === 'edit' && <EditCertificate certificate={open.certificate} onDone={loaded.reload} onClose={close} />}
      {open?.what === 'delete' && (
        <ConfirmDelete title="Delete client certificate" onDelete={() => remove(open.certificate)} onClose={close}>
          Client certificate <b>{open.certificate.clientCertificateId}</b> goes with its key. One that a stage uses cannot be deleted.
        </ConfirmDelete>
      )}
    </>
  );
}
