import { GetDocumentationVersionsCommand } from '@aws-sdk/client-api-gateway';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { useLoad, type Loaded } from '../../../aws/useLoad';
import { FormModal } from '../../../components/FormModal';
import { ProblemAlert } from '../../../components/Problem';
import { listCertificates } from '../certificates';
import { valuePatch } from '../patch';
import { patchStage, type StageProps } from './stage';

interface Option {
  value: string;
  label: string;
  description?: string;
}

/** What a stage is said to be, and the certificate that it shows to back ends. */
export function EditStage({ onClose, ...props }: StageProps & { onClose: () => void }) {
  const { apiId, stage } = props;
  const [description, setDescription] = useState(stage.description ?? '');
  const [certificate, setCertificate] = useState(stage.clientCertificateId ?? '');
  const [version, setVersion] = useState(stage.documentationVersion ?? '');
  const certificates = useLoad(async (signal) => (await listCertificates(signal)).map((c): Option => ({ value: c.clientCertificateId!, label: c.clientCertificateId!, description: c.description })), []);
  const versions = useLoad((signal) => listVersions(apiId, signal), [apiId]);
  const notify = useNotify();
  const save = async () => {
    await patchStage(
      props,
      ...valuePatch('/description', stage.description, description),
      ...valuePatch('/clientCertificateId', stage.clientCertificateId, certificate),
      ...valuePatch('/documentationVersion', stage.documentationVersion, version),
    );
    notify.success(`Stage ${stage.stageName} was changed.`);
  };
  return (
    <FormModal title="Edit stage" submitText="Save" onSubmit={save} onClose={onClose}>
      <FormField label="Description">
        <Input value={description} onChange={(e) => setDescription(e.detail.value)} autoFocus />
      </FormField>
      <FormField label="Client certificate" constraintText="The gateway shows it to the back ends that the stage calls.">
        <OneOrNone value={certificate} onChange={setCertificate} loaded={certificates} />
      </FormField>
      <FormField label="Documentation version" constraintText="What an export of the stage has as its documentation.">
        <OneOrNone value={version} onChange={setVersion} loaded={versions} />
      </FormField>
      <ProblemAlert error={certificates.error ?? versions.error} />
    </FormModal>
  );
}

function OneOrNone({ value, onChange, loaded }: { value: string; onChange: (value: string) => void; loaded: Loaded<Option[]> }) {
  const none: Option = { value: '', label: 'None' };
  const options = [none, ...(loaded.data ?? [])];
  return (
    <Select
      statusType={loaded.loading ? 'loading' : 'finished'}
      selectedOption={options.find((o) => o.value === value) ?? { value, label: value }}
      options={options}
      onChange={(e) => onChange(e.detail.selectedOption.value!)}
    />
  );
}

async function listVersions(restApiId: string, abortSignal: AbortSignal): Promise<Option[]> {
  const { items = [] } = await apigateway().send(new GetDocumentationVersionsCommand({ restApiId, limit: 500 }), { abortSignal });
  return items.map((v) => ({ value: v.version!, label: v.version!, description: v.description }));
}
