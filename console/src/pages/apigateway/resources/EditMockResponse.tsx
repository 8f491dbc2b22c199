import { UpdateIntegrationResponseCommand, type Integration } from '@aws-sdk/client-api-gateway';
import FormField from '@cloudscape-design/components/form-field';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { Empty } from '../../../components/Empty';
import { FormModal } from '../../../components/FormModal';
import type { MethodAt } from './EditIntegration';

/** The fixed answer of a mock: its first response's JSON template. */
export function EditMockResponse({ at, integration, onClose, onDone }: { at: MethodAt; integration: Integration; onClose: () => void; onDone: () => Promise<void> }) {
  const response = Object.values(integration.integrationResponses ?? {})[0];
  const was = response?.responseTemplates?.['application/json'] ?? '';
  const [text, setText] = useState(was);
  const notify = useNotify();
  const save = async () => {
    await apigateway().send(
      new UpdateIntegrationResponseCommand({
        ...at,
        statusCode: response?.statusCode,
        patchOperations: [{ op: was ? 'replace' : 'add', path: '/responseTemplates/application~1json', value: text }],
      }),
    );
    await onDone();
    notify.success('The answer was changed. Stages give it after the next deployment.');
  };
  return (
    <FormModal title="Edit integration response" submitText="Save" incomplete={!response || text === was} onSubmit={save} onClose={onClose}>
      {response ? (
        <FormField label={`Response body of ${response.statusCode}`} stretch>
          <Textarea value={text} onChange={(e) => setText(e.detail.value)} rows={8} spellcheck={false} />
        </FormField>
      ) : (
        <Empty title="The integration has no response" />
      )}
    </FormModal>
  );
}
