import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { accountId } from '../../../aws/account';
import { useLoad } from '../../../aws/useLoad';
import { useSession } from '../../../aws/useSession';
import { Empty } from '../../../components/Empty';
import { lazily } from '../../../components/lazily';
import { Link } from '../../../components/Link';
import { PlainTable } from '../../../components/PlainTable';
import { Unloaded } from '../../../components/Unloaded';
import { groupPath } from '../../logs/paths';
import { deleteDelivery, delimiterText, listDeliveries, rowsOf, type DeliveryRow } from './deliveries';
import type { StageProps } from './stage';

const ConfirmDelete = lazily(() => import('../../../components/ConfirmDelete'), 'ConfirmDelete');
const EditDelivery = lazily(() => import('./EditDelivery'), 'EditDelivery');

/** Where the execution log of a stage is delivered, if not to the log group that API Gateway makes for it. */
export function Deliveries({ apiId, stage }: StageProps) {
  const { region } = useSession();
  const stageName = stage.stageName!;
  const { data, error, reload } = useLoad(async (signal) => {
    const place = { region, accountId: await accountId(), apiId, stageName };
    return { place, rows: rowsOf(await listDeliveries(signal), place) };
  }, [apiId, stageName]);
  const [open, setOpen] = useState<{ what: 'edit'; row?: DeliveryRow } | { what: 'delete'; row: DeliveryRow }>();
  const notify = useNotify();
  const close = () => setOpen(undefined);
  const logging = Object.values(stage.methodSettings ?? {}).some((s) => (s.loggingLevel ?? 'OFF') !== 'OFF');
  const end = async (row: DeliveryRow) => {
    await deleteDelivery(row);
    notify.success(`The delivery to ${row.group} was deleted.`);
    await reload();
  };
  const create = (
    <Button disabled={!data || !logging} disabledReason={logging ? undefined : 'Turn execution logs on first.'} onClick={() => setOpen({ what: 'edit' })}>
      Create delivery
    </Button>
  );
  return (
    <Container
      header={
        <Header variant="h2" counter={data && `(${data.rows.length})`} description="Execution log lines whole, as JSON or text, in log groups of your own instead of the one that API Gateway makes." actions={create}>
          Log deliveries
        </Header>
      }
    >
      {!data && <Unloaded loading="Loading deliveries" error={error} reload={reload} />}
      {data?.rows.length === 0 && <Empty title="No deliveries">{logging ? 'Lines go to the log group that API Gateway makes.' : 'Turn execution logs on first: without them there is nothing to deliver.'}</Empty>}
      {data && data.rows.length > 0 && <Table rows={data.rows} onEdit={(row) => setOpen({ what: 'edit', row })} onDelete={(row) => setOpen({ what: 'delete', row })} />}
      {open?.what === 'edit' && <EditDelivery place={data!.place} row={open.row} onDone={reload} onClose={close} />}
      {open?.what === 'delete' && (
        <ConfirmDelete title="Delete delivery" onDelete={() => end(open.row)} onClose={close}>
          Lines no longer go to <b>{open.row.group}</b>. What is in it stays. Without another delivery they go to the log group that API Gateway makes.
        </ConfirmDelete>
      )}
    </Container>
  );
}

function Table({ rows, onEdit, onDelete }: { rows: readonly DeliveryRow[]; onEdit: (row: DeliveryRow) => void; onDelete: (row: DeliveryRow) => void }) {
  return (
    <PlainTable
      label="Log deliveries"
      rows={rows}
      keyOf={(row) => row.id}
      columns={[
        { header: 'Log group', cell: (row) => (row.group ? <Link to={groupPath(row.group)}>{row.group}</Link> : '-') },
        { header: 'Format', cell: (row) => (row.format === 'plain' ? `Text, ${delimiterText(row.delimiter).toLowerCase()} between fields` : 'JSON') },
        { header: 'Fields', cell: (row) => <Box fontSize="body-s">{row.fields.join(', ')}</Box> },
        {
          header: 'Actions',
          width: '140px',
          cell: (row) => (
            <SpaceBetween direction="horizontal" size="s">
              <Button variant="inline-link" ariaLabel={`Edit delivery to ${row.group}`} onClick={() => onEdit(row)}>Edit</Button>
              <Button variant="inline-link" ariaLabel={`Delete delivery to ${row.group}`} onClick={() => onDelete(row)}>Delete</Button>
            </SpaceBetween>
          ),
        },
      ]}
    />
  );
}
