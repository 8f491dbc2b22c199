import { FlushStageCacheCommand } from '@aws-sdk/client-api-gateway';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { lazily } from '../../../components/lazily';
import { draftOf, settingsOfAll } from './methodSettings';
import type { StageProps } from './stage';

const EditCache = lazily(() => import('./EditCache'), 'EditCache');

/** The stage's cache of responses. */
export function CacheSettings(props: StageProps) {
  const { apiId, stage } = props;
  const [editing, setEditing] = useState(false);
  const notify = useNotify();
  const on = stage.cacheClusterEnabled ?? false;
  const settings = draftOf(settingsOfAll(stage));
  const flush = async () => {
    try {
      await apigateway().send(new FlushStageCacheCommand({ restApiId: apiId, stageName: stage.stageName }));
      notify.success(`The cache of stage ${stage.stageName} is empty.`);
    } catch (problem) {
      notify.error(problem, 'The cache was not flushed');
    }
  };
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button disabled={!on} onClick={() => void flush()}>Flush entire cache</Button>
              <Button ariaLabel="Edit cache" onClick={() => setEditing(true)}>Edit</Button>
            </SpaceBetween>
          }
        >
          Cache
        </Header>
      }
    >
      <KeyValuePairs
        columns={4}
        items={[
          { label: 'Cache', value: <StatusIndicator type={on ? 'success' : 'stopped'}>{on ? `On, ${stage.cacheClusterSize} GB` : 'Off'}</StatusIndicator> },
          { label: 'GET methods without an override', value: settings.caching ? 'Cached' : 'Not cached' },
          { label: 'Time to live', value: `${settings.ttl} seconds` },
          { label: 'Invalidation by clients', value: settings.authorized ? 'With permission' : 'By anybody' },
        ]}
      />
      {editing && <EditCache {...props} onClose={() => setEditing(false)} />}
    </Container>
  );
}
