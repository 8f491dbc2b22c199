import { GetExportCommand } from '@aws-sdk/client-api-gateway';
import Checkbox from '@cloudscape-design/components/checkbox';
import FormField from '@cloudscape-design/components/form-field';
import RadioGroup from '@cloudscape-design/components/radio-group';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { FormModal } from '../../../components/FormModal';

const extensions = [
  { value: '', label: 'None', description: 'Plain OpenAPI.' },
  { value: 'integrations,authorizers', label: 'Integrations and authorizers', description: 'What answers requests, and who decides on them.' },
  { value: 'apigateway', label: 'All API Gateway extensions', description: 'Everything that it takes to import the API again.' },
];

/** What a stage serves, as an OpenAPI document to keep. */
export function ExportStage({ apiId, stageName, onClose }: { apiId: string; stageName: string; onClose: () => void }) {
  const [exportType, setExportType] = useState('oas30');
  const [format, setFormat] = useState('json');
  const [extended, setExtended] = useState('apigateway');
  const [documented, setDocumented] = useState(true);
  const notify = useNotify();
  const download = async () => {
    const wanted = [extended, documented && 'documentation'].filter(Boolean).join(',');
    const { body, contentDisposition } = await apigateway().send(
      new GetExportCommand({ restApiId: apiId, stageName, exportType, accepts: `application/${format}`, parameters: wanted ? { extensions: wanted } : undefined }),
    );
    const name = /filename="?([^"]+)"?/.exec(contentDisposition ?? '')?.[1] ?? `${apiId}-${stageName}-${exportType}.${format}`;
    save(name, body ?? new Uint8Array());
    notify.success(`Stage ${stageName} was exported to ${name}.`);
  };
  return (
    <FormModal title={`Export stage ${stageName}`} submitText="Export API" onSubmit={download} onClose={onClose}>
      <FormField label="API specification type">
        <RadioGroup ariaLabel="API specification type" value={exportType} onChange={(e) => setExportType(e.detail.value)} items={[{ value: 'oas30', label: 'OpenAPI 3' }, { value: 'swagger', label: 'Swagger' }]} />
      </FormField>
      <FormField label="Format">
        <RadioGroup ariaLabel="Format" value={format} onChange={(e) => setFormat(e.detail.value)} items={[{ value: 'json', label: 'JSON' }, { value: 'yaml', label: 'YAML' }]} />
      </FormField>
      <FormField label="Extensions">
        <RadioGroup ariaLabel="Extensions" value={extended} onChange={(e) => setExtended(e.detail.value)} items={extensions} />
      </FormField>
      <Checkbox checked={documented} onChange={(e) => setDocumented(e.detail.checked)}>With its documentation</Checkbox>
    </FormModal>
  );
}

function save(name: string, body: Uint8Array): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([body.slice()], { type: 'application/octet-stream' }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the browser has read it by then
}
