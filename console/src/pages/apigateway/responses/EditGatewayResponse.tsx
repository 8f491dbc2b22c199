import { PutGatewayResponseCommand, type GatewayResponse } from '@aws-sdk/client-api-gateway';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { FormModal } from '../../../components/FormModal';
import { mapOf, rowsBelow, rowsOf, twice } from '../../../components/rows';
import { TextRows } from '../../../components/RowsEditor';
import { TemplatesEditor } from '../TemplatesEditor';
import { describe } from './types';

const prefix = 'gatewayresponse.header.';

interface Props {
  apiId: string;
  response: GatewayResponse;
  onDone: () => Promise<void>;
  onClose: () => void;
}

/** Status, headers and body of what the gateway answers itself. */
export function EditGatewayResponse({ apiId, response, onDone, onClose }: Props) {
  const [status, setStatus] = useState(response.statusCode ?? '');
  const [headers, setHeaders] = useState(rowsBelow(response.responseParameters, prefix));
  const [templates, setTemplates] = useState(rowsOf(response.responseTemplates));
  const notify = useNotify();
  const { name, when } = describe(response.responseType);
  const save = async () => {
    await apigateway().send(
      new PutGatewayResponseCommand({
        restApiId: apiId,
        responseType: response.responseType,
        statusCode: status || undefined,
        responseParameters: mapOf(headers, prefix),
        responseTemplates: mapOf(templates),
      }),
    );
    await onDone();
    notify.success(`${response.responseType} was changed. Stages answer so after the next deployment.`);
  };
  return (
    <FormModal title={`Edit gateway response ${name}`} submitText="Save" size="large" incomplete={!!twice(headers) || !!twice(templates)} onSubmit={save} onClose={onClose}>
      <FormField label="Status code - optional" description={when} constraintText="From 100 to 599; without one each response keeps its own.">
        <Input value={status} onChange={(e) => setStatus(e.detail.value.trim())} inputMode="numeric" />
      </FormField>
      <FormField label="Response headers" description="Values are 'static' in single quotes, method.request.header.name, context.name or stageVariables.name." stretch>
        <TextRows what="header" rows={headers} onChange={setHeaders} valueLabel="Mapped from" namePlaceholder="Access-Control-Allow-Origin" valuePlaceholder="'*'" />
      </FormField>
      <TemplatesEditor
        label="Response templates"
        description="May hold $context, $stageVariables and $method.request variables, such as $context.error.messageString; nothing else is evaluated."
        rows={templates}
        onChange={setTemplates}
        language="template"
      />
    </FormModal>
  );
}
