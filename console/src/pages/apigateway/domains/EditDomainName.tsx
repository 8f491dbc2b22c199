import { UpdateDomainNameCommand, type DomainName, type PatchOperation } from '@aws-sdk/client-api-gateway';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import Toggle from '@cloudscape-design/components/toggle';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { FormModal } from '../../../components/FormModal';

const policies = ['TLS_1_0', 'TLS_1_2'];

/** The TLS of a name, as far as it can be changed; another certificate needs a new name, as AWS has no patch for its text. */
export function EditDomainName({ domain, onDone, onClose }: { domain: DomainName; onDone: () => Promise<void>; onClose: () => void }) {
  const was = domain.mutualTlsAuthentication?.truststoreUri ?? '';
  const [policy, setPolicy] = useState(domain.securityPolicy ?? 'TLS_1_2');
  const [mutual, setMutual] = useState(was !== '');
  const [truststore, setTruststore] = useState(was);
  const notify = useNotify();
  const ops: PatchOperation[] = [];
  if (policy !== domain.securityPolicy) {
    ops.push({ op: 'replace', path: '/securityPolicy', value: policy });
  }
  const wanted = mutual ? truststore : '';
  if (wanted !== was) {
    ops.push(wanted ? { op: 'replace', path: '/mutualTlsAuthentication/truststoreUri', value: wanted } : { op: 'remove', path: '/mutualTlsAuthentication/truststoreUri' });
  }
  const save = async () => {
    await apigateway().send(new UpdateDomainNameCommand({ domainName: domain.domainName, patchOperations: ops }));
    await onDone();
    notify.success(`Domain name ${domain.domainName} was changed.`);
  };
  return (
    <FormModal title="Edit domain name" submitText="Save" incomplete={ops.length === 0 || (mutual && !truststore)} onSubmit={save} onClose={onClose}>
      <FormField label="Minimum TLS version">
        <Select selectedOption={{ value: policy, label: policy }} options={[...new Set([...policies, policy])].map((value) => ({ value, label: value }))} onChange={(e) => setPolicy(e.detail.selectedOption.value as typeof policy)} />
      </FormField>
      <Toggle checked={mutual} onChange={(e) => setMutual(e.detail.checked)}>Mutual TLS authentication</Toggle>
      {mutual && (
        <FormField label="Truststore URI" constraintText="A file of certificates in PEM on the server's machine. It is read when it is saved." stretch>
          <Input value={truststore} onChange={(e) => setTruststore(e.detail.value.trim())} placeholder="file:///path/to/truststore.pem" spellcheck={false} />
        </FormField>
      )}
    </FormModal>
  );
}
