import { PutIntegrationResponseCommand, type ContentHandlingStrategy, type IntegrationResponse, type Method } from '@aws-sdk/client-api-gateway';
import Alert from '@cloudscape-design/components/alert';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { FormModal } from '../../../components/FormModal';
import { mapOf, rowsBelow, rowsOf, twice } from '../../../components/rows';
import { TextRows } from '../../../components/RowsEditor';
import { TemplatesEditor } from '../TemplatesEditor';
import { ContentHandling } from './IntegrationFields';
import type { MethodAt } from './method';

const prefix = 'method.response.header.';

interface Props {
  at: MethodAt;
  method: Method;
  /** Without one, a new one is made. */
  response?: IntegrationResponse;
  onDone: () => Promise<void>;
  onClose: () => void;
}

/** How the endpoint's answer becomes the method's. */
export function EditIntegrationResponse({ at, method, response, onDone, onClose }: Props) {
  const taken = Object.keys(method.methodIntegration?.integrationResponses ?? {});
  const declared = Object.keys(method.methodResponses ?? {}).sort();
  const free = declared.filter((code) => !taken.includes(code));
  const [statusCode, setStatusCode] = useState(response?.statusCode ?? free[0] ?? '');
  const [pattern, setPattern] = useState(response?.selectionPattern ?? '');
  const [contentHandling, setContentHandling] = useState<string>(response?.contentHandling ?? '');
  const [headers, setHeaders] = useState(rowsBelow(response?.responseParameters, prefix));
  const [templates, setTemplates] = useState(rowsOf(response?.responseTemplates));
  const notify = useNotify();
  const save = async () => {
    await apigateway().send(
      new PutIntegrationResponseCommand({
        ...at,
        statusCode,
        selectionPattern: pattern || undefined,
        contentHandling: (contentHandling || undefined) as ContentHandlingStrategy | undefined,
        responseParameters: mapOf(headers, prefix),
        responseTemplates: mapOf(templates),
      }),
    );
    await onDone();
    notify.success('The integration response was saved. Stages use it after the next deployment.');
  };
  const title = response ? `Edit integration response ${statusCode}` : 'Create integration response';
  if (!response && free.length === 0) {
    return (
      <FormModal title={title} submitText="Save" incomplete onSubmit={save} onClose={onClose}>
        <Alert type="info">Every method response has an integration response. Create another method response first, of the status that is to be answered.</Alert>
      </FormModal>
    );
  }
  const errors = method.methodIntegration?.uri?.includes(':lambda:') ? "the function's error message" : "the endpoint's status code";
  return (
    <FormModal title={title} submitText="Save" size="large" incomplete={!statusCode || !!twice(headers) || !!twice(templates)} onSubmit={save} onClose={onClose}>
      {!response && (
        <FormField label="Method response status code">
          <Select ariaLabel="Method response status code" selectedOption={{ value: statusCode }} options={free.map((value) => ({ value }))} onChange={(e) => setStatusCode(e.detail.selectedOption.value!)} />
        </FormField>
      )}
      <FormField label="Selection pattern - optional" description={`A regular expression for ${errors}; without one this is the default.`}>
        <Input value={pattern} onChange={(e) => setPattern(e.detail.value)} spellcheck={false} placeholder="5\d{2}" />
      </FormField>
      <ContentHandling value={contentHandling} onChange={setContentHandling} />
      <FormField label="Header mappings" description="Of headers that the method response declares; values are 'static', integration.response.header.name, integration.response.body.path, context.name and more." stretch>
        <TextRows what="header" rows={headers} onChange={setHeaders} valueLabel="Mapped from" valuePlaceholder="integration.response.header.ETag" />
      </FormField>
      <TemplatesEditor label="Mapping templates" description="Velocity templates that make the response's body." rows={templates} onChange={setTemplates} />
    </FormModal>
  );
}
