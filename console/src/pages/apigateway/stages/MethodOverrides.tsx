import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { useLoad } from '../../../aws/useLoad';
import { Empty } from '../../../components/Empty';
import { lazily } from '../../../components/lazily';
import { ListTable } from '../../../components/ListTable';
import { deployedMethods, type DeployedMethod } from '../methods';
import { effectiveSettings, levelText, ownSettings, removeOverride, throttleText, type SettingsDraft } from './methodSettings';
import { patchStage, type StageProps } from './stage';

const EditOverride = lazily(() => import('./EditOverride'), 'EditOverride');

interface Row extends DeployedMethod {
  id: string;
  own: boolean;
  settings: SettingsDraft;
}

/** What holds for each method that the stage serves, and which have settings of their own. */
export function MethodOverrides(props: StageProps) {
  const { apiId, stage } = props;
  const methods = useLoad((signal) => deployedMethods(apiId, stage.deploymentId, signal), [apiId, stage.deploymentId]);
  const [editing, setEditing] = useState<DeployedMethod>();
  const notify = useNotify();
  const rows = methods.data?.map((m): Row => ({
    ...m,
    id: `${m.httpMethod} ${m.path}`,
    own: ownSettings(stage, m.path, m.httpMethod) !== undefined,
    settings: effectiveSettings(stage, m.path, m.httpMethod),
  }));
  const remove = async (row: Row) => {
    try {
      await patchStage(props, removeOverride(stage, row.path, row.httpMethod));
      notify.success(`${row.id} has the settings of the stage again.`);
    } catch (problem) {
      notify.error(problem, 'The override was not removed');
    }
  };
  return (
    <>
      <ListTable
        part
        title="Methods"
        description="Every method has the settings of the stage, unless it has an override."
        loaded={{ ...methods, data: rows }}
        trackBy="id"
        nameOf={(m) => m.id}
        fields={['id']}
        columns={[
          { id: 'method', header: 'Method', isRowHeader: true, sortingField: 'id', cell: (m) => m.id },
          { id: 'source', header: 'Settings', cell: (m) => (m.own ? 'Override' : 'Of the stage') },
          { id: 'logs', header: 'Execution logs', cell: (m) => levelText(m.settings.level) },
          { id: 'metrics', header: 'Detailed metrics', cell: (m) => (m.settings.metrics ? 'On' : 'Off') },
          { id: 'throttling', header: 'Throttling', cell: (m) => throttleText(m.settings) },
          { id: 'cache', header: 'Cache', cell: (m) => (m.settings.caching && stage.cacheClusterEnabled ? `${m.settings.ttl} seconds` : 'Off') },
        ]}
        actions={(row) => (
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!row?.own} onClick={() => row && void remove(row)}>Remove override</Button>
            <Button disabled={!row} onClick={() => setEditing(row)}>{row?.own ? 'Edit override' : 'Create override'}</Button>
          </SpaceBetween>
        )}
        empty={<Empty title="No methods">The deployment of the stage has none.</Empty>}
      />
      {editing && <EditOverride {...props} method={editing} onClose={() => setEditing(undefined)} />}
    </>
  );
}
