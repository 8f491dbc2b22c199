import { TagRoleCommand, UntagRoleCommand, UpdateAssumeRolePolicyCommand, type Role } from '@aws-sdk/client-iam';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Tabs from '@cloudscape-design/components/tabs';
import { useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { useNotify } from '../../app/notifications';
import { iam } from '../../aws/iam';
import { useLoad } from '../../aws/useLoad';
import { Code } from '../../components/Code';
import { Copyable } from '../../components/Copyable';
import { ProblemAlert } from '../../components/Problem';
import type { Tag } from '../../components/tags';
import { TagsTable } from '../../components/TagsTable';
import { Unloaded } from '../../components/Unloaded';
import { DeleteRole } from './DeleteRole';
import { DocumentModal } from './DocumentModal';
import { rolesPath } from './paths';
import { Permissions } from './Permissions';
import { getRole } from './roles';
import { readable } from './trust';

/** One role: its ARN to copy, what it may do, who may assume it. */
export default function RolePage() {
  const { roleName = '' } = useParams();
  const { data, error, reload } = useLoad((signal) => getRole(roleName, signal), [roleName]);
  const [deleting, setDeleting] = useState(false);
  const navigate = useNavigate();
  const notify = useNotify();
  if (!data) {
    return <Unloaded loading="Loading the role" error={error} reload={reload} heading={roleName} />;
  }
  const { role } = data;
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={role.Description} actions={<Button onClick={() => setDeleting(true)}>Delete</Button>}>
        {roleName}
      </Header>
      <ProblemAlert error={error} onRetry={() => void reload()} />
      <Summary role={role} />
      <Tabs
        tabs={[
          { id: 'permissions', label: 'Permissions', content: <Permissions details={data} reload={reload} /> },
          { id: 'trust', label: 'Trust relationships', content: <Trust role={role} reload={reload} /> },
          { id: 'tags', label: 'Tags', content: <Tags role={role} reload={reload} /> },
        ]}
      />
      {deleting && (
        <DeleteRole
          roleName={roleName}
          onClose={() => setDeleting(false)}
          onDeleted={() => {
            notify.success(`Role ${roleName} was deleted.`);
            void navigate(rolesPath);
          }}
        />
      )}
    </SpaceBetween>
  );
}

function Summary({ role }: { role: Role }) {
  return (
    <Container header={<Header variant="h2">Summary</Header>}>
      <KeyValuePairs
        columns={2}
        items={[
          { label: 'Role ARN', value: <Copyable value={role.Arn!} label="Role ARN" /> },
          { label: 'Created', value: role.CreateDate?.toLocaleString() ?? '-' },
          { label: 'Maximum session duration', value: `${(role.MaxSessionDuration ?? 3600) / 3600} h` },
        ]}
      />
    </Container>
  );
}

function Trust({ role, reload }: { role: Role; reload: () => Promise<void> }) {
  const [editing, setEditing] = useState(false);
  const document = readable(role.AssumeRolePolicyDocument);
  return (
    <Container
      header={
        <Header variant="h2" description="Who can assume this role." actions={<Button onClick={() => setEditing(true)}>Edit trust policy</Button>}>
          Trusted entities
        </Header>
      }
    >
      <Code label="Trust policy">{document}</Code>
      {editing && (
        <DocumentModal
          title="Edit trust policy"
          submit="Update policy"
          document={document}
          onClose={() => setEditing(false)}
          onSave={async (_, PolicyDocument) => {
            await iam().send(new UpdateAssumeRolePolicyCommand({ RoleName: role.RoleName, PolicyDocument }));
            await reload();
          }}
        />
      )}
    </Container>
  );
}

function Tags({ role, reload }: { role: Role; reload: () => Promise<void> }) {
  const tags = (role.Tags ?? []).map(({ Key = '', Value = '' }) => ({ key: Key, value: Value }));
  const save = async (put: Tag[], remove: string[]) => {
    const { RoleName } = role;
    if (remove.length > 0) {
      await iam().send(new UntagRoleCommand({ RoleName, TagKeys: remove }));
    }
    if (put.length > 0) {
      await iam().send(new TagRoleCommand({ RoleName, Tags: put.map(({ key, value }) => ({ Key: key, Value: value })) }));
    }
    await reload();
  };
  return <TagsTable tags={tags} onSave={save} />;
}
