import type { Stage } from '@aws-sdk/client-api-gateway';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { Copyable } from '../../../components/Copyable';
import { lazily } from '../../../components/lazily';
import { invokeUrls } from './invoke';

const EditStage = lazily(() => import('./EditStage'), 'EditStage');

/** A stage as its tabs get it. */
export interface StageProps {
  apiId: string;
  stage: Stage;
  reload: () => Promise<void>;
}

/** Where the stage can be called, and what is known of it. */
export function StageSettings({ apiId, stage, reload }: StageProps) {
  const [editing, setEditing] = useState(false);
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2" description="Append a resource's path, such as /notes.">Addresses</Header>}>
        <KeyValuePairs
          columns={1}
          items={invokeUrls(apiId, stage.stageName!).map(({ label, url }) => ({ label, value: <Copyable value={url} label={`${label} URL`} /> }))}
        />
      </Container>
      <Container header={<Header variant="h2" actions={<Button onClick={() => setEditing(true)}>Edit</Button>}>Stage details</Header>}>
        <KeyValuePairs
          columns={3}
          items={[
            { label: 'Description', value: stage.description || '-' },
            { label: 'Created', value: stage.createdDate?.toLocaleString() ?? '-' },
            { label: 'Last updated', value: stage.lastUpdatedDate?.toLocaleString() ?? '-' },
          ]}
        />
      </Container>
      {editing && <EditStage apiId={apiId} stage={stage} reload={reload} onClose={() => setEditing(false)} />}
    </SpaceBetween>
  );
}
