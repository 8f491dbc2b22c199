import { AttachRolePolicyCommand, DeleteRolePolicyCommand, DetachRolePolicyCommand, PutRolePolicyCommand, type AttachedPolicy, type Policy } from '@aws-sdk/client-iam';
import Button from '@cloudscape-design/components/button';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import { useNotify } from '../../app/notifications';
import { iam } from '../../aws/iam';
import { useLoad } from '../../aws/useLoad';
import { Code } from '../../components/Code';
import { ConfirmDelete } from '../../components/ConfirmDelete';
import { Empty } from '../../components/Empty';
import { FormModal } from '../../components/FormModal';
import { ProblemAlert } from '../../components/Problem';
import { useWork } from '../../components/useWork';
import { DocumentModal } from './DocumentModal';
import { PolicyName } from './PolicyName';
import { policyType, PolicyTable } from './PolicyTable';
import { listPolicies, type InlinePolicy, type RoleDetails } from './roles';
import { readable } from './trust';

interface Props {
  details: RoleDetails;
  reload: () => Promise<void>;
}

/** What a role may do: managed policies attached to it, and its own. */
export function Permissions({ details, reload }: Props) {
  return (
    <SpaceBetween size="l">
      <Attached details={details} reload={reload} />
      <Inline details={details} reload={reload} />
    </SpaceBetween>
  );
}

function Attached({ details, reload }: Props) {
  const RoleName = details.role.RoleName!;
  const [selected, setSelected] = useState<AttachedPolicy[]>([]);
  const [attaching, setAttaching] = useState(false);
  const { busy, run } = useWork();
  const notify = useNotify();
  const detach = () =>
    run(async () => {
      try {
        for (const { PolicyArn } of selected) {
          await iam().send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
        }
        notify.success(`Detached ${selected.map((p) => p.PolicyName).join(', ')}.`);
      } catch (error) {
        notify.error(error, 'A policy was not detached');
      }
      setSelected([]);
      await reload();
    });
  return (
    <>
      <Table
        items={details.attached}
        trackBy="PolicyArn"
        selectionType="multi"
        selectedItems={selected}
        onSelectionChange={(e) => setSelected(e.detail.selectedItems)}
        ariaLabels={{
          tableLabel: 'Permissions policies',
          selectionGroupLabel: 'Permissions policies',
          allItemsSelectionLabel: () => 'Select all',
          itemSelectionLabel: (_, policy) => `Select ${policy.PolicyName}`,
        }}
        columnDefinitions={[
          { id: 'name', header: 'Policy name', isRowHeader: true, cell: (p) => <PolicyName arn={p.PolicyArn!} /> },
          { id: 'type', header: 'Type', cell: (p) => policyType(p.PolicyArn) },
          { id: 'arn', header: 'ARN', cell: (p) => p.PolicyArn },
        ]}
        empty={<Empty title="No policies attached" action={<Button onClick={() => setAttaching(true)}>Attach policies</Button>}>The role may do nothing until a policy allows it.</Empty>}
        header={
          <Header
            variant="h2"
            counter={`(${details.attached.length})`}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button disabled={selected.length === 0} loading={busy} onClick={() => void detach()}>Detach</Button>
                <Button onClick={() => setAttaching(true)}>Attach policies</Button>
              </SpaceBetween>
            }
          >
            Permissions policies
          </Header>
        }
      />
      {attaching && <Attach details={details} reload={reload} onClose={() => setAttaching(false)} />}
    </>
  );
}

function Attach({ details, reload, onClose }: Props & { onClose: () => void }) {
  const { data, error, loading, reload: again } = useLoad(listPolicies, []);
  const [chosen, setChosen] = useState<Policy[]>([]);
  const there = new Set(details.attached.map((p) => p.PolicyArn));
  return (
    <FormModal
      title={`Attach policies to ${details.role.RoleName}`}
      submitText={chosen.length > 1 ? `Attach ${chosen.length} policies` : 'Attach policy'}
      size="large"
      incomplete={chosen.length === 0}
      onClose={onClose}
      onSubmit={async () => {
        for (const { Arn } of chosen) {
          await iam().send(new AttachRolePolicyCommand({ RoleName: details.role.RoleName, PolicyArn: Arn }));
        }
        await reload();
      }}
    >
      <ProblemAlert error={error} onRetry={() => void again()} />
      <PolicyTable policies={(data ?? []).filter((p) => !there.has(p.Arn))} loading={loading && !data} chosen={chosen} onChoose={setChosen} />
    </FormModal>
  );
}

const emptyPolicy = readable(JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: [], Resource: '*' }] }));

function Inline({ details, reload }: Props) {
  const RoleName = details.role.RoleName!;
  const [editing, setEditing] = useState<InlinePolicy>();
  const [deleting, setDeleting] = useState<InlinePolicy>();
  const create = () => setEditing({ name: '', document: emptyPolicy });
  return (
    <>
      <Table
        items={details.inline}
        trackBy="name"
        ariaLabels={{ tableLabel: 'Inline policies' }}
        columnDefinitions={[
          { id: 'policy', header: 'Policy', isRowHeader: true, cell: (p) => <ExpandableSection headerText={p.name}><Code label={`Inline policy ${p.name}`}>{p.document}</Code></ExpandableSection> },
          {
            id: 'actions',
            header: 'Actions',
            width: 180,
            cell: (p) => (
              <SpaceBetween direction="horizontal" size="xs">
                <Button variant="inline-link" ariaLabel={`Edit ${p.name}`} onClick={() => setEditing(p)}>Edit</Button>
                <Button variant="inline-link" ariaLabel={`Delete ${p.name}`} onClick={() => setDeleting(p)}>Delete</Button>
              </SpaceBetween>
            ),
          },
        ]}
        empty={<Empty title="No inline policies">Inline policies belong to this role alone and are deleted with it.</Empty>}
        header={<Header variant="h2" counter={`(${details.inline.length})`} actions={<Button onClick={create}>Create inline policy</Button>}>Inline policies</Header>}
      />
      {editing && (
        <DocumentModal
          title={editing.name ? `Edit inline policy ${editing.name}` : 'Create inline policy'}
          submit={editing.name ? 'Save' : 'Create policy'}
          name={editing.name}
          document={editing.document}
          onClose={() => setEditing(undefined)}
          onSave={async (PolicyName, PolicyDocument) => {
            await iam().send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
            await reload();
          }}
        />
      )}
      {deleting && (
        <ConfirmDelete
          title="Delete inline policy"
          word={deleting.name}
          onClose={() => setDeleting(undefined)}
          onDelete={async () => {
            await iam().send(new DeleteRolePolicyCommand({ RoleName, PolicyName: deleting.name }));
            await reload();
          }}
        >
          Policy <b>{deleting.name}</b> and what it allows role {RoleName} to do is gone for good.
        </ConfirmDelete>
      )}
    </>
  );
}
