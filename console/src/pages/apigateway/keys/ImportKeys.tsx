import { ImportApiKeysCommand } from '@aws-sdk/client-api-gateway';
import Alert from '@cloudscape-design/components/alert';
import Checkbox from '@cloudscape-design/components/checkbox';
import FileUpload from '@cloudscape-design/components/file-upload';
import FormField from '@cloudscape-design/components/form-field';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { FormModal } from '../../../components/FormModal';

const example = 'Name,Key,Description,Enabled,UsagePlanIds\npartner,aaaaaaaaaabbbbbbbbbbcccccccccc,Our partner,TRUE,';

/** Keys from a CSV file: what AWS' own file has. What AWS warns of stays on the page until somebody has read it. */
export function ImportKeys({ onDone, onClose }: { onDone: () => Promise<void>; onClose: () => void }) {
  const [files, setFiles] = useState<File[]>([]);
  const [text, setText] = useState('');
  const [strict, setStrict] = useState(true);
  const notify = useNotify();
  const choose = async (chosen: File[]) => {
    setFiles(chosen);
    setText((await chosen[0]?.text()) ?? '');
  };
  const send = async () => {
    const { ids = [], warnings = [] } = await apigateway().send(
      new ImportApiKeysCommand({ body: new TextEncoder().encode(text), format: 'csv', failOnWarnings: strict }),
    );
    await onDone();
    const told = `${ids.length} ${ids.length === 1 ? 'API key was' : 'API keys were'} imported.`;
    if (warnings.length > 0) {
      notify.info(`${told} Warnings: ${warnings.join('; ')}`);
    } else {
      notify.success(told);
    }
  };
  return (
    <FormModal title="Import API keys" submitText="Import" size="large" incomplete={!text.trim()} onSubmit={send} onClose={onClose}>
      <Alert type="info">The first line names the columns. Name and Key are needed; Description, Enabled and UsagePlanIds (several in quotes) may follow. A value that is known already changes its key.</Alert>
      <FormField label="CSV file">
        <FileUpload
          value={files}
          accept=".csv,text/csv"
          onChange={(e) => void choose(e.detail.value)}
          i18nStrings={{
            uploadButtonText: () => 'Choose file', dropzoneText: () => 'Drop file to import', removeFileAriaLabel: () => 'Remove file',
            limitShowFewer: 'Show fewer', limitShowMore: 'Show more', errorIconAriaLabel: 'Error',
          }}
          showFileSize
        />
      </FormField>
      <FormField label="Or its text" stretch>
        <Textarea value={text} onChange={(e) => setText(e.detail.value)} rows={6} placeholder={example} spellcheck={false} />
      </FormField>
      <Checkbox checked={strict} onChange={(e) => setStrict(e.detail.checked)}>Import nothing if there is a warning</Checkbox>
    </FormModal>
  );
}
