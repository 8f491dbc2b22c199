import { GenerateClientCertificateCommand, UpdateClientCertificateCommand, type ClientCertificate } from '@aws-sdk/client-api-gateway';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { FormModal } from '../../../components/FormModal';

/** A new certificate with its description, or the description of one. */
export function EditCertificate({ certificate, onDone, onClose }: { certificate?: ClientCertificate; onDone: () => Promise<void>; onClose: () => void }) {
  const [description, setDescription] = useState(certificate?.description ?? '');
  const notify = useNotify();
  const save = async () => {
    const made = await (certificate
      ? apigateway().send(new UpdateClientCertificateCommand({ clientCertificateId: certificate.clientCertificateId, patchOperations: [{ op: 'replace', path: '/description', value: description }] }))
      : apigateway().send(new GenerateClientCertificateCommand({ description: description || undefined })));
    await onDone();
    notify.success(`Client certificate ${made.clientCertificateId} was ${certificate ? 'changed' : 'generated'}.`);
  };
  return (
    <FormModal title={certificate ? 'Edit client certificate' : 'Generate client certificate'} submitText={certificate ? 'Save' : 'Generate'} onSubmit={save} onClose={onClose}>
      <FormField label="Description - optional">
        <Input value={description} onChange={(e) => setDescription(e.detail.value)} autoFocus />
      </FormField>
    </FormModal>
  );
}
