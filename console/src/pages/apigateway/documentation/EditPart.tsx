import { CreateDocumentationPartCommand, UpdateDocumentationPartCommand, type DocumentationPart, type DocumentationPartType } from '@aws-sdk/client-api-gateway';
import Box from '@cloudscape-design/components/box';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import { useState } from 'react';
import { apigateway } from '../../../aws/apigateway';
import { JSONField } from '../../../components/editor/JSONField';
import { jsonProblem, prettyJSON } from '../../../components/editor/places';
import { FormModal } from '../../../components/FormModal';
import { locationOf, members, partTypes, placeText, type Member } from './parts';

const labels: Record<Member, [label: string, hint: string]> = {
  path: ['Path', 'Such as /notes/{id}; / by default.'],
  method: ['Method', 'Such as GET; any by default.'],
  statusCode: ['Status code', 'Such as 200; any by default.'],
  name: ['Name', 'Of the parameter, header, model or authorizer.'],
};

interface Props {
  apiId: string;
  /** Without one, a new one is made. */
  part?: DocumentationPart;
  onDone: () => Promise<void>;
  onClose: () => void;
}

export function EditPart({ apiId, part, onDone, onClose }: Props) {
  const [type, setType] = useState<DocumentationPartType>(part?.location?.type ?? 'API');
  const [place, setPlace] = useState<Partial<Record<Member, string>>>({});
  const [properties, setProperties] = useState(prettyJSON(part?.properties ?? '{\n  "description": ""\n}'));
  const save = async () => {
    if (part) {
      const patchOperations = [{ op: 'replace' as const, path: '/properties', value: properties }];
      await apigateway().send(new UpdateDocumentationPartCommand({ restApiId: apiId, documentationPartId: part.id, patchOperations }));
    } else {
      await apigateway().send(new CreateDocumentationPartCommand({ restApiId: apiId, location: locationOf(type, place), properties }));
    }
    await onDone();
  };
  const nameless = !part && members[type].includes('name') && !place.name?.trim();
  return (
    <FormModal title={part ? 'Edit documentation part' : 'Create documentation part'} submitText={part ? 'Save' : 'Create'} size="large" incomplete={nameless || !!jsonProblem(properties)} onSubmit={save} onClose={onClose}>
      {part ? (
        <Box>{part.location?.type} {placeText(part.location)}</Box>
      ) : (
        <FormField label="Type">
          <Select ariaLabel="Type" selectedOption={{ value: type }} options={partTypes.map((value) => ({ value }))} onChange={(e) => setType(e.detail.selectedOption.value as DocumentationPartType)} />
        </FormField>
      )}
      {!part && members[type].map((member) => (
        <FormField key={member} label={labels[member][0]} constraintText={labels[member][1]}>
          <Input value={place[member] ?? ''} onChange={(e) => setPlace({ ...place, [member]: e.detail.value })} spellcheck={false} />
        </FormField>
      ))}
      <JSONField label="Properties" description="A JSON object as OpenAPI has it: description, summary, tags and more." value={properties} onChange={setProperties} lines={6} />
    </FormModal>
  );
}
