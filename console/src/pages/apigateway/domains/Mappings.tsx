import { DeleteBasePathMappingCommand, paginateGetBasePathMappings, type BasePathMapping } from '@aws-sdk/client-api-gateway';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { itemsOf } from '../../../aws/pages';
import { useLoad } from '../../../aws/useLoad';
import { Empty } from '../../../components/Empty';
import { lazily } from '../../../components/lazily';
import { Link } from '../../../components/Link';
import { ListTable } from '../../../components/ListTable';
import { listApis } from '../apis';
import { resourcesPath } from '../paths';

const ConfirmDelete = lazily(() => import('../../../components/ConfirmDelete'), 'ConfirmDelete');
const EditMapping = lazily(() => import('./EditMapping'), 'EditMapping');

/** How AWS writes the empty base path. */
const noBasePath = '(none)';

/** Where the base paths of a domain name lead. */
export function Mappings({ domainName }: { domainName: string }) {
  const loaded = useLoad((abortSignal) => itemsOf(paginateGetBasePathMappings({ client: apigateway() }, { domainName, limit: 500 }, { abortSignal })), [domainName]);
  const apis = useLoad(listApis, []);
  const [open, setOpen] = useState<{ what: 'edit'; mapping?: BasePathMapping } | { what: 'remove'; mapping: BasePathMapping }>();
  const notify = useNotify();
  const close = () => setOpen(undefined);
  const shown = (basePath = noBasePath) => `https://${domainName}/${basePath === noBasePath ? '' : basePath}`;
  const remove = async ({ basePath }: BasePathMapping) => {
    await apigateway().send(new DeleteBasePathMappingCommand({ domainName, basePath }));
    notify.success(`${shown(basePath)} leads nowhere any more.`);
    await loaded.reload();
  };
  const add = <Button onClick={() => setOpen({ what: 'edit' })}>Add API mapping</Button>;
  return (
    <>
      <ListTable
        part
        title="API mappings"
        loaded={loaded}
        trackBy="basePath"
        nameOf={(m) => m.basePath ?? ''}
        columns={[
          { id: 'path', header: 'Base path', isRowHeader: true, cell: (m) => m.basePath },
          { id: 'url', header: 'URL', cell: (m) => shown(m.basePath) },
          { id: 'api', header: 'API', cell: (m) => <Link to={resourcesPath(m.restApiId!)}>{apis.data?.find((a) => a.id === m.restApiId)?.name ?? m.restApiId}</Link> },
          { id: 'stage', header: 'Stage', cell: (m) => m.stage ?? 'The next segment of the path' },
        ]}
        actions={(mapping) => (
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!mapping} onClick={() => mapping && setOpen({ what: 'edit', mapping })}>Edit</Button>
            <Button disabled={!mapping} onClick={() => mapping && setOpen({ what: 'remove', mapping })}>Remove</Button>
            {add}
          </SpaceBetween>
        )}
        empty={<Empty title="No API mappings" action={add}>Requests to the name get 403 until a base path leads to a stage.</Empty>}
      />
      {open?.what === 'edit' && <EditMapping domainName={domainName} mapping={open.mapping} onDone={loaded.reload} onClose={close} />}
      {open?.what === 'remove' && (
        <ConfirmDelete title="Remove API mapping" onDelete={() => remove(open.mapping)} onClose={close}>
          Requests to <b>{shown(open.mapping.basePath)}</b> are refused at once.
        </ConfirmDelete>
      )}
    </>
  );
}
