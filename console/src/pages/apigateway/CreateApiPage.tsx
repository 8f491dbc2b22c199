import { CreateRestApiCommand } from '@aws-sdk/client-api-gateway';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Tiles from '@cloudscape-design/components/tiles';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useNotify } from '../../app/notifications';
import { apigateway } from '../../aws/apigateway';
import { useSession } from '../../aws/useSession';
import { lazily } from '../../components/lazily';
import { LinkButton } from '../../components/Link';
import { ProblemAlert } from '../../components/Problem';
import { useWork } from '../../components/useWork';
import { accountId } from '../../aws/account';
import { apisPath, resourcesPath, stagePath } from './paths';
import { sampleDescription, sampleName, sampleStage, sampleSteps } from './sample';
import { StepList, useSteps } from './StepList';

const ImportNew = lazily(() => import('./openapi/ImportNew'), 'ImportNew');

type Kind = 'new' | 'sample' | 'import';

/** A new REST API: empty, out of a definition, or the sample. */
export default function CreateApiPage() {
  const [kind, setKind] = useState<Kind>('new');
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [withLogs, setWithLogs] = useState(true);
  const { region } = useSession();
  const { busy, error, run } = useWork();
  const work = useSteps();
  const navigate = useNavigate();
  const notify = useNotify();

  const choose = (next: Kind) => {
    setKind(next);
    setName(next === 'sample' ? sampleName : '');
    setDescription(next === 'sample' ? sampleDescription : '');
  };
  const createNew = async () => {
    const { id = '' } = await apigateway().send(new CreateRestApiCommand({ name, description: description || undefined }));
    notify.success(`API ${name} was created. Create resources and methods, then deploy it.`);
    void navigate(resourcesPath(id));
  };
  const createSample = async () => {
    const sample = sampleSteps(name, description, withLogs, { region, accountId: await accountId() });
    if (await work.run(sample.steps)) {
      notify.success(`Sample API ${name} was created and deployed to stage ${sampleStage}.`);
      void navigate(stagePath(sample.apiId, sampleStage));
    }
  };
  const create = () => void run(kind === 'sample' ? createSample : createNew);

  return (
    <form onSubmit={(e) => { e.preventDefault(); if (name && !busy) create(); }}>
      <Form
        header={<Header variant="h1">Create REST API</Header>}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <LinkButton variant="link" to={apisPath}>Cancel</LinkButton>
            {kind !== 'import' && <Button variant="primary" formAction="submit" loading={busy} disabled={!name}>Create API</Button>}
          </SpaceBetween>
        }
      >
        <SpaceBetween size="l">
          <Container header={<Header variant="h2">API details</Header>}>
            <SpaceBetween size="l">
              <Tiles
                ariaLabel="How to begin"
                value={kind}
                onChange={(e) => choose(e.detail.value as Kind)}
                items={[
                  { value: 'new', label: 'New API', description: 'Empty, for resources and methods of your own.' },
                  { value: 'import', label: 'Import API', description: 'Out of an OpenAPI or Swagger document, such as one exported from AWS.' },
                  { value: 'sample', label: 'Sample API', description: 'Four methods with fixed answers, deployed and ready to be called.' },
                ]}
              />
              {kind === 'import' ? (
                <ImportNew />
              ) : (
                <SpaceBetween size="l">
                  <FormField label="API name">
                    <Input value={name} onChange={(e) => setName(e.detail.value)} spellcheck={false} />
                  </FormField>
                  <FormField label="Description - optional">
                    <Input value={description} onChange={(e) => setDescription(e.detail.value)} />
                  </FormField>
                </SpaceBetween>
              )}
              {kind === 'sample' && (
                <Checkbox checked={withLogs} onChange={(e) => setWithLogs(e.detail.checked)} description="Makes the IAM role and sets it in Settings if no role is set there.">
                  Turn on access logs
                </Checkbox>
              )}
            </SpaceBetween>
          </Container>
          {work.steps.length > 0 && (
            <Container header={<Header variant="h2">Progress</Header>}>
              <StepList label="Creating the sample API" {...work} />
            </Container>
          )}
          <ProblemAlert error={error} />
        </SpaceBetween>
      </Form>
    </form>
  );
}
