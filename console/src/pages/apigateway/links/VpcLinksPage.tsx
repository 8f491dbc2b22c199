import { DeleteVpcLinkCommand, paginateGetVpcLinks, type VpcLink } from '@aws-sdk/client-api-gateway';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { TableProps } from '@cloudscape-design/components/table';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { itemsOf } from '../../../aws/pages';
import { useLoad } from '../../../aws/useLoad';
import { Copyable } from '../../../components/Copyable';
import { Empty } from '../../../components/Empty';
import { lazily } from '../../../components/lazily';
import { ListTable } from '../../../components/ListTable';

const ConfirmDelete = lazily(() => import('../../../components/ConfirmDelete'), 'ConfirmDelete');
const EditVpcLink = lazily(() => import('./EditVpcLink'), 'EditVpcLink');

const columns: TableProps.ColumnDefinition<VpcLink>[] = [
  { id: 'name', header: 'Name', sortingField: 'name', isRowHeader: true, cell: (l) => l.name },
  { id: 'id', header: 'VPC link ID', sortingField: 'id', cell: (l) => <Copyable value={l.id!} label="VPC link ID" /> },
  { id: 'target', header: 'Target', cell: (l) => l.targetArns?.join(', ') ?? '-' },
  { id: 'status', header: 'Status', cell: (l) => <StatusIndicator type={l.status === 'AVAILABLE' ? 'success' : 'pending'}>{l.status ?? '-'}</StatusIndicator> },
  { id: 'description', header: 'Description', cell: (l) => l.description || '-' },
];

/** Where integrations with a VPC link connect to. */
export default function VpcLinksPage() {
  const loaded = useLoad((abortSignal) => itemsOf(paginateGetVpcLinks({ client: apigateway() }, { limit: 500 }, { abortSignal })), []);
  const [open, setOpen] = useState<{ what: 'edit'; link?: VpcLink } | { what: 'delete'; link: VpcLink }>();
  const notify = useNotify();
  const close = () => setOpen(undefined);
  const remove = async (link: VpcLink) => {
    await apigateway().send(new DeleteVpcLinkCommand({ vpcLinkId: link.id }));
    notify.success(`VPC link ${link.name} was deleted.`);
    await loaded.reload();
  };
  const create = (variant: 'primary' | 'normal') => <Button variant={variant} onClick={() => setOpen({ what: 'edit' })}>Create VPC link</Button>;
  return (
    <>
      <ListTable
        title="VPC links"
        description="An integration with a VPC link connects to the link's target, and its URL says what is asked for there."
        loaded={loaded}
        columns={columns}
        trackBy="id"
        nameOf={(l) => l.name ?? ''}
        fields={['name', 'id', 'description']}
        actions={(link) => (
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!link} onClick={() => setOpen({ what: 'edit', link })}>Edit</Button>
            <Button disabled={!link} onClick={() => link && setOpen({ what: 'delete', link })}>Delete</Button>
            {create('primary')}
          </SpaceBetween>
        )}
        empty={<Empty title="No VPC links" action={create('normal')}>At AWS a link reaches a load balancer in a private network; here its target is an address, such as http://10.0.0.5:8080.</Empty>}
      />
      {open?.what === 'edit' && <EditVpcLink link={open.link} onDone={loaded.reload} onClose={close} />}
      {open?.what === 'delete' && (
        <ConfirmDelete title="Delete VPC link" onDelete={() => remove(open.link)} onClose={close}>
          VPC link <b>{open.link.name}</b> ({open.link.id}) goes. One that a stage uses cannot be deleted.
        </ConfirmDelete>
      )}
    </>
  );
}
