import type { PatchOperation, RestApi } from '@aws-sdk/client-api-gateway';
import Checkbox from '@cloudscape-design/components/checkbox';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import RadioGroup from '@cloudscape-design/components/radio-group';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import { FormModal } from '../../components/FormModal';
import type { ApiPart } from './ApiSettingsPage';
import { listPatch, valuePatch } from './patch';

interface Props {
  api: RestApi;
  part: ApiPart;
  onSave: (changes: PatchOperation[]) => Promise<void>;
  onClose: () => void;
}

/** One part of an API's settings. */
export function EditApi({ part, ...rest }: Props) {
  const Form = { details: Details, keys: KeySource, binary: BinaryTypes, compression: Compression }[part];
  return <Form {...rest} />;
}

type FormProps = Omit<Props, 'part'>;

function Details({ api, onSave, onClose }: FormProps) {
  const wasType = api.endpointConfiguration?.types?.[0] ?? 'EDGE';
  const [name, setName] = useState(api.name ?? '');
  const [description, setDescription] = useState(api.description ?? '');
  const [type, setType] = useState<string>(wasType);
  const [disabled, setDisabled] = useState(!!api.disableExecuteApiEndpoint);
  const changes = [
    ...valuePatch('/name', api.name, name),
    ...valuePatch('/description', api.description, description),
    ...valuePatch(`/endpointConfiguration/types/${wasType}`, wasType, type),
    ...valuePatch('/disableExecuteApiEndpoint', !!api.disableExecuteApiEndpoint, disabled),
  ];
  return (
    <FormModal title="Edit API details" submitText="Save changes" incomplete={!name || changes.length === 0} onSubmit={() => onSave(changes)} onClose={onClose}>
      <FormField label="API name">
        <Input value={name} onChange={(e) => setName(e.detail.value)} spellcheck={false} autoFocus />
      </FormField>
      <FormField label="Description">
        <Input value={description} onChange={(e) => setDescription(e.detail.value)} />
      </FormField>
      <FormField label="Endpoint type" description="Kept and shown; here every type is served alike.">
        <Select ariaLabel="Endpoint type" selectedOption={{ value: type }} options={['REGIONAL', 'EDGE', 'PRIVATE'].map((value) => ({ value }))} onChange={(e) => setType(e.detail.selectedOption.value!)} />
      </FormField>
      <Checkbox checked={disabled} onChange={(e) => setDisabled(e.detail.checked)} description="Clients then have to use a custom domain name.">
        Disable the default endpoint
      </Checkbox>
    </FormModal>
  );
}

function KeySource({ api, onSave, onClose }: FormProps) {
  const [source, setSource] = useState<string>(api.apiKeySource ?? 'HEADER');
  const changes = valuePatch('/apiKeySource', api.apiKeySource, source);
  return (
    <FormModal title="Edit API key source" submitText="Save changes" incomplete={changes.length === 0} onSubmit={() => onSave(changes)} onClose={onClose}>
      <RadioGroup
        ariaLabel="API key source"
        value={source}
        onChange={(e) => setSource(e.detail.value)}
        items={[
          { value: 'HEADER', label: 'Header', description: 'The X-API-Key header of the request.' },
          { value: 'AUTHORIZER', label: 'Authorizer', description: 'The usageIdentifierKey that a Lambda authorizer answers with.' },
        ]}
      />
    </FormModal>
  );
}

function BinaryTypes({ api, onSave, onClose }: FormProps) {
  const [text, setText] = useState((api.binaryMediaTypes ?? []).join('\n'));
  const changes = listPatch('/binaryMediaTypes', api.binaryMediaTypes, text.split('\n').map((t) => t.trim()).filter(Boolean));
  return (
    <FormModal title="Manage binary media types" submitText="Save changes" incomplete={changes.length === 0} onSubmit={() => onSave(changes)} onClose={onClose}>
      <FormField label="Binary media types" description="One a line, such as image/png; */* makes every type binary.">
        <Textarea value={text} onChange={(e) => setText(e.detail.value)} rows={5} spellcheck={false} autoFocus />
      </FormField>
    </FormModal>
  );
}

function Compression({ api, onSave, onClose }: FormProps) {
  const was = api.minimumCompressionSize;
  const [on, setOn] = useState(was !== undefined);
  const [size, setSize] = useState(String(was ?? 1024));
  const changes = valuePatch('/minimumCompressionSize', was, on ? size : undefined);
  return (
    <FormModal title="Edit content encoding" submitText="Save changes" incomplete={changes.length === 0} onSubmit={() => onSave(changes)} onClose={onClose}>
      <SpaceBetween size="m">
        <Checkbox checked={on} onChange={(e) => setOn(e.detail.checked)}>Content encoding</Checkbox>
        {on && (
          <FormField label="Minimum body size" description="In bytes, from 0 to 10485760.">
            <Input value={size} onChange={(e) => setSize(e.detail.value)} inputMode="numeric" type="number" />
          </FormField>
        )}
      </SpaceBetween>
    </FormModal>
  );
}
