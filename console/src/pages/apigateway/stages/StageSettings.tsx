import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { Copyable } from '../../../components/Copyable';
import { lazily } from '../../../components/lazily';
import { CacheSettings } from './CacheSettings';
import { invokeUrls } from './invoke';
import { draftOf, settingsOfAll } from './methodSettings';
import type { StageProps } from './stage';

const EditStage = lazily(() => import('./EditStage'), 'EditStage');
const EditThrottling = lazily(() => import('./EditThrottling'), 'EditThrottling');

/** Where the stage can be called, what is known of it, and what holds for all its methods. */
export function StageSettings(props: StageProps) {
  const { apiId, stage } = props;
  const [open, setOpen] = useState<'details' | 'throttling'>();
  const close = () => setOpen(undefined);
  const settings = draftOf(settingsOfAll(stage));
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2" description="Append a resource's path, such as /notes.">Addresses</Header>}>
        <KeyValuePairs
          columns={1}
          items={invokeUrls(apiId, stage.stageName!).map(({ label, url }) => ({ label, value: <Copyable value={url} label={`${label} URL`} /> }))}
        />
      </Container>
      <Container header={<Header variant="h2" actions={<Button onClick={() => setOpen('details')}>Edit</Button>}>Stage details</Header>}>
        <KeyValuePairs
          columns={3}
          items={[
            { label: 'Description', value: stage.description || '-' },
            { label: 'Created', value: stage.createdDate?.toLocaleString() ?? '-' },
            { label: 'Last updated', value: stage.lastUpdatedDate?.toLocaleString() ?? '-' },
            { label: 'Client certificate', value: stage.clientCertificateId || 'None' },
            { label: 'Documentation version', value: stage.documentationVersion || 'None' },
          ]}
        />
      </Container>
      <Container header={<Header variant="h2" description="For every method that has no override." actions={<Button ariaLabel="Edit throttling" onClick={() => setOpen('throttling')}>Edit</Button>}>Throttling</Header>}>
        <KeyValuePairs
          columns={3}
          items={settings.throttled
            ? [{ label: 'Rate', value: `${Number(settings.rate).toLocaleString('en')} requests per second` }, { label: 'Burst', value: `${Number(settings.burst).toLocaleString('en')} requests` }]
            : [{ label: 'Rate', value: 'No limit' }]}
        />
      </Container>
      <CacheSettings {...props} />
      {open === 'details' && <EditStage {...props} onClose={close} />}
      {open === 'throttling' && <EditThrottling {...props} onClose={close} />}
    </SpaceBetween>
  );
}
