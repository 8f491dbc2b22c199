import type { Resource } from '@aws-sdk/client-api-gateway';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import { accountId } from '../../../aws/account';
import { getSession } from '../../../aws/session';
import { FormModal } from '../../../components/FormModal';
import { complete, draftOf, wireOf, type IntegrationDraft } from './integration';
import { KindAndEndpoint } from './IntegrationFields';
import { httpMethods, passedOn, putMethod } from './methods';

interface Props {
  apiId: string;
  resource: Resource;
  onClose: () => void;
  onDone: (httpMethod: string) => Promise<void>;
}

/** A method with what answers it; the rest of it is edited afterwards. */
export function CreateMethod({ apiId, resource, onClose, onDone }: Props) {
  const there = resource.resourceMethods ?? {};
  const [httpMethod, setHttpMethod] = useState(['GET', ...httpMethods].find((name) => !(name in there)) ?? 'GET');
  const [draft, setDraft] = useState<IntegrationDraft>(() => draftOf({ type: 'HTTP_PROXY' }, httpMethod));
  const [status, setStatus] = useState('200');
  const [answer, setAnswer] = useState('{"hello":"world"}');
  const set = (change: Partial<IntegrationDraft>) => setDraft((old) => ({ ...old, ...change }));
  const choose = (next: string) => {
    setHttpMethod(next);
    setDraft((old) => ({ ...old, httpMethod: old.httpMethod === httpMethod ? next : old.httpMethod }));
  };
  const create = async () => {
    const at = { id: resource.id!, path: resource.path! };
    if (draft.kind === 'MOCK') {
      await putMethod(apiId, at, { httpMethod, type: 'MOCK', status, answer });
    } else {
      const integration = wireOf(draft, { region: getSession().region, accountId: await accountId() });
      await putMethod(apiId, at, { httpMethod, type: 'endpoint', integration });
    }
    await onDone(httpMethod);
  };
  const passed = passedOn(resource.path!, draft.uri);
  return (
    <FormModal title={`Create method of ${resource.path}`} submitText="Create method" size="large" incomplete={!complete(draft)} onSubmit={create} onClose={onClose}>
      <FormField label="Method type">
        <Select
          ariaLabel="Method type"
          selectedOption={{ value: httpMethod }}
          options={httpMethods.map((value) => ({ value, disabled: value in there, description: value in there ? 'There already' : undefined }))}
          onChange={(e) => choose(e.detail.selectedOption.value!)}
        />
      </FormField>
      <KindAndEndpoint draft={draft} set={set} hint={passed.length > 0 ? `Passed on from the path: ${passed.join(', ')}.` : undefined} />
      {draft.kind === 'MOCK' && (
        <SpaceBetween size="m">
          <FormField label="Status code">
            <Input value={status} onChange={(e) => setStatus(e.detail.value)} inputMode="numeric" />
          </FormField>
          <FormField label="Response body" stretch>
            <Textarea value={answer} onChange={(e) => setAnswer(e.detail.value)} rows={4} spellcheck={false} />
          </FormField>
        </SpaceBetween>
      )}
    </FormModal>
  );
}
