import { ConfirmDelete } from '../../components/ConfirmDelete';
import { deleteRole } from './roles';

/** Asks before a role goes, with its policies. */
export function DeleteRole({ roleName, onDeleted, onClose }: { roleName: string; onDeleted: () => void; onClose: () => void }) {
  return (
    <ConfirmDelete
      title="Delete role"
      word={roleName}
      onClose={onClose}
      onDelete={async () => {
        await deleteRole(roleName);
        onDeleted();
      }}
    >
      Role <b>{roleName}</b> is deleted with its inline policies; managed policies are detached and stay. A service that uses the
      role, such as API Gateway to write logs, loses its permissions.
    </ConfirmDelete>
  );
}
