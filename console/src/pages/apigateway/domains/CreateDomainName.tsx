import { CreateDomainNameCommand } from '@aws-sdk/client-api-gateway';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import RadioGroup from '@cloudscape-design/components/radio-group';
import Select from '@cloudscape-design/components/select';
import Textarea from '@cloudscape-design/components/textarea';
import Toggle from '@cloudscape-design/components/toggle';
import { useState } from 'react';
import { apigateway } from '../../../aws/apigateway';
import { FormModal } from '../../../components/FormModal';

type Certificate = 'given' | 'server' | 'arn';

const pem = (what: string) => `-----BEGIN ${what}-----`;

/** A new name, with its certificate and, where clients show one too, with whom these must come from. */
export function CreateDomainName({ onDone, onClose }: { onDone: (name: string) => Promise<void>; onClose: () => void }) {
  const [name, setName] = useState('');
  const [type, setType] = useState<'REGIONAL' | 'EDGE'>('REGIONAL');
  const [certificate, setCertificate] = useState<Certificate>('given');
  const [arn, setArn] = useState('');
  const [body, setBody] = useState('');
  const [chain, setChain] = useState('');
  const [key, setKey] = useState('');
  const [mutual, setMutual] = useState(false);
  const [truststore, setTruststore] = useState('');
  const create = async () => {
    await apigateway().send(
      new CreateDomainNameCommand({
        domainName: name,
        endpointConfiguration: { types: [type] },
        ...(certificate === 'given' && { certificateName: name, certificateBody: body, certificatePrivateKey: key, certificateChain: chain || undefined }),
        ...(certificate === 'arn' && (type === 'REGIONAL' ? { regionalCertificateArn: arn } : { certificateArn: arn })),
        mutualTlsAuthentication: mutual ? { truststoreUri: truststore } : undefined,
      }),
    );
    await onDone(name);
  };
  const incomplete = !name || (certificate === 'given' && !(body.trim() && key.trim())) || (certificate === 'arn' && !arn) || (mutual && !truststore);
  const text = (label: string, value: string, set: (text: string) => void, placeholder: string) => (
    <FormField label={label} stretch>
      <Textarea value={value} onChange={(e) => set(e.detail.value)} rows={4} placeholder={placeholder} spellcheck={false} autoComplete={false} />
    </FormField>
  );
  return (
    <FormModal title="Create domain name" submitText="Create domain name" size="large" incomplete={incomplete} onSubmit={create} onClose={onClose}>
      <FormField label="Domain name" constraintText="Such as api.example.com, or *.example.com for every name below it.">
        <Input value={name} onChange={(e) => setName(e.detail.value.trim())} placeholder="api.example.com" spellcheck={false} autoFocus />
      </FormField>
      <FormField label="Endpoint type" constraintText="Both are served alike here.">
        <Select selectedOption={{ value: type, label: type }} options={[{ value: 'REGIONAL', label: 'REGIONAL' }, { value: 'EDGE', label: 'EDGE' }]} onChange={(e) => setType(e.detail.selectedOption.value as 'REGIONAL' | 'EDGE')} />
      </FormField>
      <FormField label="Certificate">
        <RadioGroup
          value={certificate}
          onChange={(e) => setCertificate(e.detail.value as Certificate)}
          items={[
            { value: 'given', label: 'Enter certificate and private key', description: 'As text in PEM.' },
            { value: 'server', label: "The server's own", description: 'From the files or the ACME account that the server was started with.' },
            { value: 'arn', label: 'By ARN', description: "It is kept as it is; TLS uses the server's own." },
          ]}
        />
      </FormField>
      {certificate === 'arn' && (
        <FormField label="Certificate ARN" stretch>
          <Input value={arn} onChange={(e) => setArn(e.detail.value.trim())} placeholder="arn:aws:acm:us-east-1:000000000000:certificate/…" spellcheck={false} />
        </FormField>
      )}
      {certificate === 'given' && text('Certificate body', body, setBody, pem('CERTIFICATE'))}
      {certificate === 'given' && text('Certificate private key', key, setKey, pem('PRIVATE KEY'))}
      {certificate === 'given' && text('Certificate chain - optional', chain, setChain, pem('CERTIFICATE'))}
      <Toggle checked={mutual} onChange={(e) => setMutual(e.detail.checked)} description="Clients have to show a certificate of an authority in the truststore.">Mutual TLS authentication</Toggle>
      {mutual && (
        <FormField label="Truststore URI" constraintText="A file of certificates in PEM on the server's machine: file:///etc/tollbook/clients.pem" stretch>
          <Input value={truststore} onChange={(e) => setTruststore(e.detail.value.trim())} placeholder="file:///path/to/truststore.pem" spellcheck={false} />
        </FormField>
      )}
    </FormModal>
  );
}
