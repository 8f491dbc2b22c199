import { UpdateStageCommand, type PatchOperation } from '@aws-sdk/client-api-gateway';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import { apigateway } from '../../../aws/apigateway';
import { ConfirmDelete } from '../../../components/ConfirmDelete';
import { Empty } from '../../../components/Empty';
import { FormModal } from '../../../components/FormModal';
import type { StageProps } from './stage';

/** Names that integrations read as ${stageVariables.name}. */
export function Variables({ apiId, stage, reload }: StageProps) {
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<string>();
  const variables = Object.entries(stage.variables ?? {}).sort(([a], [b]) => a.localeCompare(b));
  const patch = async (op: PatchOperation) => {
    await apigateway().send(new UpdateStageCommand({ restApiId: apiId, stageName: stage.stageName, patchOperations: [op] }));
    await reload();
  };
  const add = <Button onClick={() => setAdding(true)}>Add variable</Button>;
  return (
    <>
      <Table
        items={variables}
        trackBy={([name]) => name}
        ariaLabels={{ tableLabel: 'Stage variables' }}
        header={<Header variant="h2" counter={`(${variables.length})`} actions={add}>Stage variables</Header>}
        columnDefinitions={[
          { id: 'name', header: 'Name', isRowHeader: true, cell: ([name]) => name },
          { id: 'value', header: 'Value', cell: ([, value]) => value },
          { id: 'actions', header: 'Actions', width: 120, cell: ([name]) => <Button variant="inline-link" ariaLabel={`Remove ${name}`} onClick={() => setRemoving(name)}>Remove</Button> },
        ]}
        empty={<Empty title="No stage variables" action={add}>{'An endpoint URL can hold ${stageVariables.name}, so that each stage calls its own endpoint.'}</Empty>}
      />
      {adding && <AddVariable onClose={() => setAdding(false)} onAdd={(name, value) => patch({ op: 'replace', path: `/variables/${name}`, value })} />}
      {removing && (
        <ConfirmDelete title="Remove stage variable" onClose={() => setRemoving(undefined)} onDelete={() => patch({ op: 'remove', path: `/variables/${removing}` })}>
          Endpoint URLs that hold <b>{`\${stageVariables.${removing}}`}</b> stop working on this stage at once.
        </ConfirmDelete>
      )}
    </>
  );
}

function AddVariable({ onAdd, onClose }: { onAdd: (name: string, value: string) => Promise<void>; onClose: () => void }) {
  const [name, setName] = useState('');
  const [value, setValue] = useState('');
  return (
    <FormModal title="Add stage variable" submitText="Add" incomplete={!name} onSubmit={() => onAdd(name, value)} onClose={onClose}>
      <SpaceBetween size="m">
        <FormField label="Name" constraintText="Letters, digits and _.">
          <Input value={name} onChange={(e) => setName(e.detail.value.trim())} spellcheck={false} autoFocus />
        </FormField>
        <FormField label="Value">
          <Input value={value} onChange={(e) => setValue(e.detail.value)} spellcheck={false} />
        </FormField>
      </SpaceBetween>
    </FormModal>
  );
}
