import { PutMethodResponseCommand, UpdateMethodResponseCommand, type MethodResponse } from '@aws-sdk/client-api-gateway';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { useLoad } from '../../../aws/useLoad';
import { FormModal } from '../../../components/FormModal';
import { ProblemAlert } from '../../../components/Problem';
import { mapOf, rowsBelow, rowsOf, twice } from '../../../components/rows';
import { RowsEditor } from '../../../components/RowsEditor';
import { listModels } from '../parts';
import { mapPatch } from '../patch';
import type { MethodAt } from './method';

const prefix = 'method.response.header.';

interface Props {
  at: MethodAt;
  /** Without one, a new one is made. */
  response?: MethodResponse;
  onDone: () => Promise<void>;
  onClose: () => void;
}

/** What a method may answer with one status: headers and models. */
export function EditMethodResponse({ at, response, onDone, onClose }: Props) {
  const [statusCode, setStatusCode] = useState(response?.statusCode ?? '');
  const [headers, setHeaders] = useState(() => rowsBelow(response?.responseParameters, prefix).map((r) => r.name).join('\n'));
  const [models, setModels] = useState(rowsOf(response?.responseModels));
  const loaded = useLoad((signal) => listModels(at.restApiId, signal), [at.restApiId]);
  const notify = useNotify();
  const names = headers.split('\n').map((h) => h.trim()).filter(Boolean);
  const responseParameters = Object.fromEntries(names.map((name) => [prefix + name, response?.responseParameters?.[prefix + name] ?? false]));
  const responseModels = mapOf(models);
  const save = async () => {
    if (response) {
      const patchOperations = [...mapPatch('/responseParameters', response.responseParameters, responseParameters), ...mapPatch('/responseModels', response.responseModels, responseModels)];
      if (patchOperations.length > 0) {
        await apigateway().send(new UpdateMethodResponseCommand({ ...at, statusCode, patchOperations }));
      }
    } else {
      await apigateway().send(new PutMethodResponseCommand({ ...at, statusCode, responseParameters, responseModels }));
    }
    await onDone();
    notify.success('The method response was saved. Stages use it after the next deployment.');
  };
  return (
    <FormModal title={response ? `Edit method response ${statusCode}` : 'Create method response'} submitText="Save" size="large" incomplete={!statusCode || !!twice(models)} onSubmit={save} onClose={onClose}>
      {!response && (
        <FormField label="HTTP status code">
          <Input value={statusCode} onChange={(e) => setStatusCode(e.detail.value.trim())} inputMode="numeric" placeholder="404" autoFocus />
        </FormField>
      )}
      <FormField label="Header names - optional" description="One a line; integration responses fill them." stretch>
        <Textarea value={headers} onChange={(e) => setHeaders(e.detail.value)} rows={3} spellcheck={false} />
      </FormField>
      <FormField label="Response body - optional" stretch>
        <ProblemAlert error={loaded.error} />
        <RowsEditor
          what="model"
          rows={models}
          onChange={setModels}
          nameLabel="Content type"
          namePlaceholder="application/json"
          valueLabel="Model"
          fresh="Empty"
          value={(value, change, label) => (
            <Select ariaLabel={label} selectedOption={{ value }} options={(loaded.data ?? []).map((m) => ({ value: m.name! }))} onChange={(e) => change(e.detail.selectedOption.value!)} />
          )}
        />
      </FormField>
    </FormModal>
  );
}
