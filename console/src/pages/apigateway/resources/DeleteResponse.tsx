import { DeleteIntegrationResponseCommand, DeleteMethodResponseCommand } from '@aws-sdk/client-api-gateway';
import { apigateway } from '../../../aws/apigateway';
import { ConfirmDelete } from '../../../components/ConfirmDelete';
import type { MethodAt } from './method';

interface Props {
  at: MethodAt;
  of: 'integration' | 'method';
  statusCode: string;
  onDone: () => Promise<void>;
  onClose: () => void;
}

/** Takes away a response of an integration or of a method. */
export function DeleteResponse({ at, of, statusCode, onDone, onClose }: Props) {
  const remove = async () => {
    await (of === 'integration'
      ? apigateway().send(new DeleteIntegrationResponseCommand({ ...at, statusCode }))
      : apigateway().send(new DeleteMethodResponseCommand({ ...at, statusCode })));
    await onDone();
  };
  return (
    <ConfirmDelete title={`Delete ${of} response`} onDelete={remove} onClose={onClose}>
      {of === 'integration' ? 'Answers are no longer mapped to status ' : 'The method no longer declares status '}
      <b>{statusCode}</b>.
    </ConfirmDelete>
  );
}
