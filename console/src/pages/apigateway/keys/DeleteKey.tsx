import { DeleteApiKeyCommand, type ApiKey } from '@aws-sdk/client-api-gateway';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { ConfirmDelete } from '../../../components/ConfirmDelete';

export function DeleteKey({ apiKey, onDone, onClose }: { apiKey: ApiKey; onDone: () => void; onClose: () => void }) {
  const notify = useNotify();
  const remove = async () => {
    await apigateway().send(new DeleteApiKeyCommand({ apiKey: apiKey.id }));
    notify.success(`API key ${apiKey.name} was deleted.`);
    onDone();
  };
  return (
    <ConfirmDelete title="Delete API key" onDelete={remove} onClose={onClose}>
      API key <b>{apiKey.name}</b> ({apiKey.id}) leaves its usage plans; clients that send it are refused at once.
    </ConfirmDelete>
  );
}
