import { GetDomainNameCommand, type DomainName } from '@aws-sdk/client-api-gateway';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useParams } from 'react-router';
import { apigateway } from '../../../aws/apigateway';
import { useLoad } from '../../../aws/useLoad';
import { Copyable } from '../../../components/Copyable';
import { lazily } from '../../../components/lazily';
import { Unloaded } from '../../../components/Unloaded';
import { ApiTags } from '../ApiTags';
import { Mappings } from './Mappings';

const EditDomainName = lazily(() => import('./EditDomainName'), 'EditDomainName');

/** One custom domain name: its certificate, where its base paths lead, its tags. */
export default function DomainNamePage() {
  const { name = '' } = useParams();
  const { data: domain, error, reload } = useLoad((abortSignal) => apigateway().send(new GetDomainNameCommand({ domainName: name }), { abortSignal }), [name]);
  const [editing, setEditing] = useState(false);
  if (!domain) {
    return <Unloaded loading="Loading the domain name" error={error} reload={reload} heading={name} />;
  }
  return (
    <SpaceBetween size="l">
      <Header variant="h1" actions={<Button onClick={() => setEditing(true)}>Edit</Button>}>{domain.domainName}</Header>
      <Details domain={domain} />
      <Mappings domainName={name} />
      <ApiTags path={`/domainnames/${name}`} tags={domain.tags} reload={reload} />
      {editing && <EditDomainName domain={domain} onDone={reload} onClose={() => setEditing(false)} />}
    </SpaceBetween>
  );
}

function Details({ domain }: { domain: DomainName }) {
  const target = domain.regionalDomainName ?? domain.distributionDomainName ?? '';
  const truststore = domain.mutualTlsAuthentication?.truststoreUri;
  return (
    <Container header={<Header variant="h2">Domain details</Header>}>
      <KeyValuePairs
        columns={3}
        items={[
          { label: 'Status', value: domain.domainNameStatus },
          { label: 'Endpoint type', value: domain.endpointConfiguration?.types?.[0] ?? '-' },
          { label: 'API Gateway domain name', value: <Copyable value={target} label="API Gateway domain name" /> },
          { label: 'Certificate', value: domain.certificateUploadDate ? `Given ${domain.certificateUploadDate.toLocaleString()}` : "The server's own" },
          { label: 'Certificate ARN', value: domain.regionalCertificateArn ?? domain.certificateArn ?? '-' },
          { label: 'Minimum TLS version', value: domain.securityPolicy ?? '-' },
          { label: 'Mutual TLS', value: truststore ? `On, truststore ${truststore}` : 'Off' },
        ]}
      />
    </Container>
  );
}
