import { PutRestApiCommand, type PutMode, type RestApi } from '@aws-sdk/client-api-gateway';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Modal from '@cloudscape-design/components/modal';
import RadioGroup from '@cloudscape-design/components/radio-group';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { ProblemAlert } from '../../../components/Problem';
import { useWork } from '../../../components/useWork';
import { DefinitionField } from './DefinitionField';
import { defaultOptions, ImportFields } from './ImportFields';
import { Problems } from './Problems';
import type { ImportProblem } from './problems';
import { useDefinition } from './useDefinition';

/** Imports a definition into an API that is there. */
export function ImportInto({ api, onDone, onClose }: { api: RestApi; onDone: () => Promise<void>; onClose: () => void }) {
  const definition = useDefinition();
  const [mode, setMode] = useState<PutMode>('merge');
  const [options, setOptions] = useState(defaultOptions);
  const [warned, setWarned] = useState<ImportProblem[]>();
  const { busy, error, run } = useWork();
  const notify = useNotify();
  const send = () =>
    void run(async () => {
      const { failOnWarnings, basepath } = options;
      const taken = await definition.take((body) => apigateway().send(new PutRestApiCommand({ restApiId: api.id, mode, failOnWarnings, parameters: { basepath }, body })));
      if (!taken) {
        return;
      }
      notify.success(`The definition was imported into ${api.name}. Stages serve it after the next deployment.`);
      await onDone();
      if (taken.warnings.length > 0) {
        setWarned(taken.warnings);
      } else {
        onClose();
      }
    });
  const buttons = warned ? (
    <Button variant="primary" onClick={onClose}>Done</Button>
  ) : (
    <>
      <Button variant="link" onClick={onClose}>Cancel</Button>
      <Button variant="primary" loading={busy} disabled={!definition.text.trim()} onClick={send}>Import</Button>
    </>
  );
  return (
    <Modal
      visible
      size="max"
      header={`Import into ${api.name}`}
      closeAriaLabel="Close"
      onDismiss={onClose}
      footer={<Box float="right"><SpaceBetween direction="horizontal" size="xs">{buttons}</SpaceBetween></Box>}
    >
      {warned ? (
        <SpaceBetween size="m">
          <Box>The definition was imported, but for what the warnings name.</Box>
          <Problems problems={warned} />
        </SpaceBetween>
      ) : (
        <SpaceBetween size="m">
          <FormField label="Import mode">
            <RadioGroup
              ariaLabel="Import mode"
              value={mode}
              onChange={(e) => setMode(e.detail.value as PutMode)}
              items={[
                { value: 'merge', label: 'Merge', description: 'What the definition has is added or replaced; the rest of the API stays.' },
                { value: 'overwrite', label: 'Overwrite', description: 'The API becomes what the definition says; methods, models and authorizers that it does not name go.' },
              ]}
            />
          </FormField>
          <DefinitionField value={definition.text} onChange={definition.setText} problems={definition.problems} />
          <ImportFields options={options} onChange={setOptions} />
          <ProblemAlert error={error} />
        </SpaceBetween>
      )}
    </Modal>
  );
}
