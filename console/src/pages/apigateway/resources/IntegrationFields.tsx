import Checkbox from '@cloudscape-design/components/checkbox';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Tiles from '@cloudscape-design/components/tiles';
import Toggle from '@cloudscape-design/components/toggle';
import type { Row } from '../../../components/rows';
import { TextRows } from '../../../components/RowsEditor';
import { TemplatesEditor } from '../TemplatesEditor';
import type { IntegrationDraft, Kind } from './integration';
import { httpMethods } from './methods';
import { VpcLinkField } from './VpcLinkField';

const kinds: { value: Kind; label: string; description: string }[] = [
  { value: 'LAMBDA', label: 'Lambda function', description: 'A function answers.' },
  { value: 'HTTP', label: 'HTTP', description: 'An HTTP endpoint answers.' },
  { value: 'MOCK', label: 'Mock', description: 'A fixed answer without any endpoint.' },
  { value: 'AWS', label: 'AWS service', description: 'An action of another service.' },
  { value: 'VPC', label: 'VPC link', description: 'An HTTP endpoint that a VPC link leads to.' },
];

interface Props {
  draft: IntegrationDraft;
  set: (change: Partial<IntegrationDraft>) => void;
}

/** All of an integration's request. */
export function IntegrationFields({ draft, set }: Props) {
  const mapped = draft.kind === 'MOCK' || !draft.proxy;
  return (
    <SpaceBetween size="m">
      <KindAndEndpoint draft={draft} set={set} />
      <FormField label="Timeout" description="In milliseconds, from 50 to 29000.">
        <Input value={draft.timeout} onChange={(e) => set({ timeout: e.detail.value })} inputMode="numeric" />
      </FormField>
      {draft.kind !== 'MOCK' && <Mappings draft={draft} set={set} />}
      {mapped && <Templates draft={draft} set={set} />}
    </SpaceBetween>
  );
}

interface EndpointProps extends Props {
  /** What is said below the endpoint's URL. */
  hint?: string;
}

/** What answers, and where it is. */
export function KindAndEndpoint(props: EndpointProps) {
  const { draft, set } = props;
  return (
    <SpaceBetween size="m">
      <FormField label="Integration type" stretch>
        <Tiles ariaLabel="Integration type" columns={3} value={draft.kind} items={kinds} onChange={(e) => set({ kind: e.detail.value as Kind })} />
      </FormField>
      <Endpoint {...props} />
    </SpaceBetween>
  );
}

function Endpoint({ draft, set, hint }: EndpointProps) {
  if (draft.kind === 'MOCK') {
    return null;
  }
  if (draft.kind === 'LAMBDA') {
    return (
      <SpaceBetween size="m">
        <Proxy draft={draft} set={set} label="Lambda proxy integration" description="The function gets the whole request as one event and answers with status, headers and body." />
        <FormField label="Lambda function" description="Its name or ARN; may hold ${stageVariables.name}." constraintText="The server calls it where --lambda or --lambda-endpoint says." stretch>
          <Input value={draft.lambda} onChange={(e) => set({ lambda: e.detail.value })} spellcheck={false} placeholder="my-function" />
        </FormField>
        <Credentials draft={draft} set={set} />
      </SpaceBetween>
    );
  }
  const methods = (
    <FormField label="HTTP method">
      <Select ariaLabel="HTTP method" selectedOption={{ value: draft.httpMethod }} options={httpMethods.map((value) => ({ value }))} onChange={(e) => set({ httpMethod: e.detail.selectedOption.value! })} />
    </FormField>
  );
  if (draft.kind === 'AWS') {
    return (
      <SpaceBetween size="m">
        {methods}
        <FormField label="Action" description="arn:aws:apigateway:region:service:action/Name or …:path/path." stretch>
          <Input value={draft.uri} onChange={(e) => set({ uri: e.detail.value.trim() })} spellcheck={false} placeholder="arn:aws:apigateway:us-east-1:sqs:action/SendMessage" />
        </FormField>
        <Credentials draft={draft} set={set} />
      </SpaceBetween>
    );
  }
  return (
    <SpaceBetween size="m">
      <Proxy draft={draft} set={set} label="HTTP proxy integration" description="The request goes to the endpoint as it is, and its answer comes back as it is." />
      {methods}
      {draft.kind === 'VPC' && <VpcLinkField value={draft.link} onChange={(link) => set({ link })} />}
      <FormField label="Endpoint URL" description="May hold path parameters, such as {id}, and ${stageVariables.name}." constraintText={hint} stretch>
        <Input value={draft.uri} onChange={(e) => set({ uri: e.detail.value.trim() })} spellcheck={false} inputMode="url" placeholder="http://127.0.0.1:3000/notes" />
      </FormField>
      <Checkbox checked={draft.insecure} onChange={(e) => set({ insecure: e.detail.checked })} description="For https endpoints with certificates of their own making.">
        Do not verify the endpoint's certificate
      </Checkbox>
    </SpaceBetween>
  );
}

function Proxy({ draft, set, label, description }: Props & { label: string; description: string }) {
  return <Toggle checked={draft.proxy} onChange={(e) => set({ proxy: e.detail.checked })} description={description}>{label}</Toggle>;
}

function Credentials({ draft, set }: Props) {
  return (
    <FormField label="Execution role - optional" stretch>
      <Input value={draft.credentials} onChange={(e) => set({ credentials: e.detail.value })} spellcheck={false} placeholder="arn:aws:iam::000000000000:role/invoke" />
    </FormField>
  );
}

const mappings: { key: 'path' | 'query' | 'headers'; label: string; what: string; example: string }[] = [
  { key: 'path', label: 'URL path parameters', what: 'path parameter', example: 'method.request.path.id' },
  { key: 'query', label: 'URL query string parameters', what: 'query string', example: 'method.request.querystring.q' },
  { key: 'headers', label: 'URL request headers parameters', what: 'header', example: 'method.request.header.Accept' },
];

function Mappings({ draft, set }: Props) {
  return (
    <div>
      {mappings.map(({ key, label, what, example }) => (
        <ExpandableSection key={key} headerText={`${label} (${draft[key].length})`} defaultExpanded={draft[key].length > 0}>
          <TextRows
            what={what}
            rows={draft[key]}
            onChange={(rows: Row<string>[]) => set({ [key]: rows })}
            valueLabel="Mapped from"
            valuePlaceholder={example}
          />
        </ExpandableSection>
      ))}
    </div>
  );
}

const passthroughs = [
  { value: 'WHEN_NO_MATCH', label: 'When no template matches the Content-Type header' },
  { value: 'WHEN_NO_TEMPLATES', label: 'When there are no templates defined (recommended)' },
  { value: 'NEVER', label: 'Never' },
];

export const contentHandlings = [
  { value: '', label: 'Passthrough' },
  { value: 'CONVERT_TO_BINARY', label: 'Convert to binary' },
  { value: 'CONVERT_TO_TEXT', label: 'Convert to text' },
];

function Templates({ draft, set }: Props) {
  return (
    <SpaceBetween size="m">
      <FormField label="Request body passthrough" description="When the body goes to the endpoint as it is; otherwise it is refused with status 415.">
        <Select
          ariaLabel="Request body passthrough"
          selectedOption={passthroughs.find((p) => p.value === draft.passthrough) ?? { value: draft.passthrough }}
          options={passthroughs}
          onChange={(e) => set({ passthrough: e.detail.selectedOption.value! })}
        />
      </FormField>
      <ContentHandling value={draft.contentHandling} onChange={(contentHandling) => set({ contentHandling })} />
      <TemplatesEditor label="Mapping templates" description="Velocity templates that make the body for the endpoint, by the request's content type." rows={draft.templates} onChange={(templates) => set({ templates })} />
    </SpaceBetween>
  );
}

export function ContentHandling({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <FormField label="Content handling">
      <Select ariaLabel="Content handling" selectedOption={contentHandlings.find((c) => c.value === value)!} options={contentHandlings} onChange={(e) => onChange(e.detail.selectedOption.value!)} />
    </FormField>
  );
}
