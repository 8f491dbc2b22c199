import { ImportRestApiCommand, type EndpointType, type RestApi } from '@aws-sdk/client-api-gateway';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { LinkButton } from '../../../components/Link';
import { ProblemAlert } from '../../../components/Problem';
import { useWork } from '../../../components/useWork';
import { resourcesPath } from '../paths';
import { DefinitionField } from './DefinitionField';
import { defaultOptions, ImportFields } from './ImportFields';
import { Problems } from './Problems';
import type { ImportProblem } from './problems';
import { useDefinition } from './useDefinition';

const example = `openapi: 3.0.1
info: {title: weather, version: "1.0"}
paths:
  /weather/{city}:
    get:
      parameters:
        - {name: city, in: path, required: true, schema: {type: string}}
      responses:
        "200": {description: The weather}
      x-amazon-apigateway-integration:
        type: mock
        requestTemplates: {application/json: '{"statusCode": 200}'}
        responses:
          default:
            statusCode: "200"
            responseTemplates: {application/json: '{"city": "$input.params(''city'')", "sky": "clear"}'}
`;

/** A new API out of a definition. What it is called is in there. */
export function ImportNew() {
  const definition = useDefinition();
  const [options, setOptions] = useState(defaultOptions);
  const [type, setType] = useState<EndpointType>('REGIONAL');
  const [made, setMade] = useState<{ api: RestApi; warnings: ImportProblem[] }>();
  const { busy, error, run } = useWork();
  const navigate = useNavigate();
  const notify = useNotify();
  const create = () =>
    void run(async () => {
      const { failOnWarnings, basepath } = options;
      const taken = await definition.take((body) =>
        apigateway().send(new ImportRestApiCommand({ failOnWarnings, parameters: { basepath, endpointConfigurationTypes: type }, body })),
      );
      if (!taken) {
        return;
      }
      notify.success(`API ${taken.api.name} was made out of the definition. Deploy it to a stage to serve it.`);
      if (taken.warnings.length > 0) {
        setMade(taken);
      } else {
        void navigate(resourcesPath(taken.api.id!));
      }
    });
  if (made) {
    return (
      <SpaceBetween size="m">
        <Problems problems={made.warnings} />
        <LinkButton variant="primary" to={resourcesPath(made.api.id!)}>{`Go to API ${made.api.name}`}</LinkButton>
      </SpaceBetween>
    );
  }
  return (
    <SpaceBetween size="l">
      <DefinitionField value={definition.text} onChange={definition.setText} problems={definition.problems} />
      <FormField label="API endpoint type">
        <Select ariaLabel="API endpoint type" selectedOption={{ value: type }} options={['REGIONAL', 'EDGE', 'PRIVATE'].map((value) => ({ value }))} onChange={(e) => setType(e.detail.selectedOption.value as EndpointType)} />
      </FormField>
      <ImportFields options={options} onChange={setOptions} />
      <ProblemAlert error={error} />
      <SpaceBetween direction="horizontal" size="xs">
        <Button formAction="none" onClick={() => definition.setText(example)}>Insert an example</Button>
        <Button formAction="none" variant="primary" loading={busy} disabled={!definition.text.trim()} onClick={create}>Import API</Button>
      </SpaceBetween>
    </SpaceBetween>
  );
}
