import { PutIntegrationCommand, PutIntegrationResponseCommand, UpdateIntegrationCommand, type Integration, type Method } from '@aws-sdk/client-api-gateway';
import Alert from '@cloudscape-design/components/alert';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { accountId } from '../../../aws/account';
import { apigateway } from '../../../aws/apigateway';
import { getSession } from '../../../aws/session';
import { FormModal } from '../../../components/FormModal';
import { twice } from '../../../components/rows';
import { changesOf, complete, draftOf, typeOf, wireOf, type IntegrationDraft, type IntegrationWire } from './integration';
import { IntegrationFields } from './IntegrationFields';
import type { MethodAt } from './method';

interface Props {
  at: MethodAt;
  method: Method;
  onDone: () => Promise<void>;
  onClose: () => void;
}

/** What answers a method's requests, and how they are made for it. */
export function EditIntegration({ at, method, onDone, onClose }: Props) {
  const integration = method.methodIntegration;
  const [draft, setDraft] = useState<IntegrationDraft>(() => draftOf(integration ?? { type: 'HTTP_PROXY' }, at.httpMethod));
  const set = (change: Partial<IntegrationDraft>) => setDraft((d) => ({ ...d, ...change }));
  const notify = useNotify();
  const replaced = typeOf(draft) !== integration?.type;
  const save = async () => {
    const wire = wireOf(draft, { region: getSession().region, accountId: await accountId() });
    await (replaced ? putAnew(at, method, wire) : update(at, integration, wire));
    await onDone();
    notify.success('The integration was changed. Stages use it after the next deployment.');
  };
  const wrong = [draft.path, draft.query, draft.headers, draft.templates].some(twice);
  return (
    <FormModal title="Edit integration request" submitText="Save" size="large" incomplete={!complete(draft) || wrong} onSubmit={save} onClose={onClose}>
      <IntegrationFields draft={draft} set={set} />
      {replaced && integration && <Alert type="info">{`The integration becomes one of type ${typeOf(draft)}.`}</Alert>}
    </FormModal>
  );
}

async function update(at: MethodAt, was: Integration, is: IntegrationWire): Promise<void> {
  const patchOperations = changesOf(was, is);
  if (patchOperations.length > 0) {
    await apigateway().send(new UpdateIntegrationCommand({ ...at, patchOperations }));
  }
}

/** An integration of another type takes the place of the one that was there. Its responses are kept where the new type has any. */
async function putAnew(at: MethodAt, method: Method, wire: IntegrationWire): Promise<void> {
  const was = method.methodIntegration;
  await apigateway().send(new PutIntegrationCommand({ ...at, ...wire, cacheNamespace: was?.cacheNamespace, cacheKeyParameters: was?.cacheKeyParameters }));
  if (wire.type?.endsWith('_PROXY')) {
    return;
  }
  const kept = Object.values(was?.integrationResponses ?? {});
  const first = Object.keys(method.methodResponses ?? {}).sort()[0];
  const responses = kept.length > 0 || !first ? kept : [{ statusCode: first }];
  for (const response of responses) {
    await apigateway().send(new PutIntegrationResponseCommand({ ...at, ...response, statusCode: response.statusCode }));
  }
}
