import { CreateModelCommand, UpdateModelCommand, type Model } from '@aws-sdk/client-api-gateway';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { JSONField } from '../../../components/editor/JSONField';
import { jsonProblem } from '../../../components/editor/places';
import { FormModal } from '../../../components/FormModal';
import { valuePatch } from '../patch';

const first = `{
  "$schema": "http://json-schema.org/draft-04/schema#",
  "title": "Note",
  "type": "object",
  "properties": {
    "text": { "type": "string", "minLength": 1 }
  },
  "required": ["text"]
}`;

interface Props {
  apiId: string;
  /** Without one, a new one is made. */
  model?: Model;
  onDone: () => Promise<void>;
  onClose: () => void;
}

export function EditModel({ apiId, model, onDone, onClose }: Props) {
  const [name, setName] = useState(model?.name ?? '');
  const [contentType, setContentType] = useState(model?.contentType ?? 'application/json');
  const [description, setDescription] = useState(model?.description ?? '');
  const [schema, setSchema] = useState(model?.schema ?? first);
  const notify = useNotify();
  const changes = [...valuePatch('/description', model?.description, description), ...valuePatch('/schema', model?.schema, schema)];
  const save = async () => {
    if (model) {
      await apigateway().send(new UpdateModelCommand({ restApiId: apiId, modelName: name, patchOperations: changes }));
    } else {
      await apigateway().send(new CreateModelCommand({ restApiId: apiId, name, contentType, schema, description: description || undefined }));
    }
    await onDone();
    notify.success(`Model ${name} was ${model ? 'changed. Stages use it after the next deployment.' : 'created. Methods can name it now.'}`);
  };
  return (
    <FormModal
      title={model ? `Edit model ${name}` : 'Create model'}
      submitText={model ? 'Save' : 'Create'}
      size="large"
      incomplete={!name || !!jsonProblem(schema) || (model && changes.length === 0)}
      onSubmit={save}
      onClose={onClose}
    >
      {!model && (
        <SpaceBetween size="m">
          <FormField label="Name" constraintText="Letters and digits.">
            <Input value={name} onChange={(e) => setName(e.detail.value.trim())} spellcheck={false} autoFocus />
          </FormField>
          <FormField label="Content type">
            <Input value={contentType} onChange={(e) => setContentType(e.detail.value.trim())} spellcheck={false} />
          </FormField>
        </SpaceBetween>
      )}
      <FormField label="Description - optional">
        <Input value={description} onChange={(e) => setDescription(e.detail.value)} />
      </FormField>
      <JSONField
        label="Model schema"
        description={`JSON Schema draft 4. Another model is referred to as {"$ref": "https://apigateway.amazonaws.com/restapis/${apiId}/models/Name"}.`}
        value={schema}
        onChange={setSchema}
        lines={12}
      />
    </FormModal>
  );
}
