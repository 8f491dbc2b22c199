import { UpdateIntegrationCommand, type Integration, type PatchOperation } from '@aws-sdk/client-api-gateway';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { FormModal } from '../../../components/FormModal';
import { httpMethods } from './methods';

export interface MethodAt {
  restApiId: string;
  resourceId: string;
  httpMethod: string;
}

/** Where an HTTP integration sends requests, how, and how long it waits. */
export function EditIntegration({ at, integration, onClose, onDone }: { at: MethodAt; integration: Integration; onClose: () => void; onDone: () => Promise<void> }) {
  const [uri, setUri] = useState(integration.uri ?? '');
  const [httpMethod, setHttpMethod] = useState(integration.httpMethod ?? at.httpMethod);
  const [timeout, setTimeout] = useState(String(integration.timeoutInMillis ?? 29_000));
  const notify = useNotify();
  const wanted: Record<string, [was: string | undefined, is: string]> = {
    '/uri': [integration.uri, uri],
    '/httpMethod': [integration.httpMethod, httpMethod],
    '/timeoutInMillis': [String(integration.timeoutInMillis), timeout],
  };
  const changes = Object.entries(wanted).flatMap(([path, [was, value]]): PatchOperation[] => (was === value ? [] : [{ op: 'replace', path, value }]));
  const save = async () => {
    await apigateway().send(new UpdateIntegrationCommand({ ...at, patchOperations: changes }));
    await onDone();
    notify.success('The integration was changed. Stages use it after the next deployment.');
  };
  return (
    <FormModal title="Edit integration request" submitText="Save" incomplete={changes.length === 0} onSubmit={save} onClose={onClose}>
      <FormField label="HTTP method">
        <Select ariaLabel="HTTP method" selectedOption={{ value: httpMethod }} options={httpMethods.map((value) => ({ value }))} onChange={(e) => setHttpMethod(e.detail.selectedOption.value!)} />
      </FormField>
      <FormField label="Endpoint URL" stretch>
        <Input value={uri} onChange={(e) => setUri(e.detail.value.trim())} spellcheck={false} inputMode="url" />
      </FormField>
      <FormField label="Timeout" description="In milliseconds.">
        <Input value={timeout} onChange={(e) => setTimeout(e.detail.value)} inputMode="numeric" />
      </FormField>
    </FormModal>
  );
}
