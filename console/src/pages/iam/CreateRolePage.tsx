import type { Policy } from '@aws-sdk/client-iam';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import RadioGroup from '@cloudscape-design/components/radio-group';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import Tiles from '@cloudscape-design/components/tiles';
import Wizard from '@cloudscape-design/components/wizard';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useNotify } from '../../app/notifications';
import { useLoad } from '../../aws/useLoad';
import { Code } from '../../components/Code';
import { LinkButton } from '../../components/Link';
import { ProblemAlert } from '../../components/Problem';
import { useWork } from '../../components/useWork';
import { logRole } from './logRole';
import { rolePath, rolesPath } from './paths';
import { nameOf, PolicyName, PolicyText } from './PolicyName';
import { PolicyTable } from './PolicyTable';
import { createRole, HalfDone, listPolicies } from './roles';
import { readable, trustPolicy } from './trust';

const emptyTrust = readable(JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: {}, Action: 'sts:AssumeRole' }] }));

interface Draft {
  entity: 'service' | 'custom';
  service: string;
  customTrust: string;
  policies: Policy[];
  name: string;
  description: string;
}

/** The wizard: whom to trust, what to permit, what to call it. */
export default function CreateRolePage() {
  const [draft, setDraft] = useState<Draft>({
    entity: 'service', service: '', customTrust: emptyTrust, policies: [], name: logRole.roleName, description: logRole.useCase,
  });
  const [step, setStep] = useState(0);
  const [refused, setRefused] = useState('');
  const change = (part: Partial<Draft>) => {
    setDraft((old) => ({ ...old, ...part }));
    setRefused('');
  };
  const { busy, error, run } = useWork();
  const navigate = useNavigate();
  const notify = useNotify();

  const trust = draft.entity === 'service' ? readable(trustPolicy(draft.service)) : draft.customTrust;
  const policyArns = draft.entity === 'service' ? [logRole.policyArn] : draft.policies.map((p) => p.Arn!);

  const go = (to: number) => {
    const problem = to > step ? fault(draft, step) : '';
    setRefused(problem);
    if (!problem) {
      setStep(to);
    }
  };
  const chooseEntity = (entity: Draft['entity']) =>
    change(entity === 'service' ? { entity, name: logRole.roleName, description: logRole.useCase } : { entity, name: '', description: '' });
  const create = () =>
    run(async () => {
      try {
        await createRole({ name: draft.name, description: draft.description, trust }, policyArns);
        notify.success(`Role ${draft.name} was created.`, <LinkButton to={rolePath(draft.name)}>View role</LinkButton>);
      } catch (problem) {
        if (!(problem instanceof HalfDone)) {
          throw problem;
        }
        notify.error(problem.problem, problem.message);
      }
      void navigate(rolesPath);
    });

  return (
    <Wizard
      activeStepIndex={step}
      onNavigate={(e) => go(e.detail.requestedStepIndex)}
      onCancel={() => void navigate(rolesPath)}
      onSubmit={() => {
        const problem = fault(draft, step);
        setRefused(problem);
        if (!problem) {
          void create();
        }
      }}
      isLoadingNextStep={busy}
      submitButtonText="Create role"
      i18nStrings={{
        stepNumberLabel: (n) => `Step ${n}`,
        collapsedStepsLabel: (n, of) => `Step ${n} of ${of}`,
        cancelButton: 'Cancel',
        previousButton: 'Previous',
        nextButton: ['Next: Permissions', 'Next: Review'][step],
        navigationAriaLabel: 'Steps',
      }}
      steps={[
        { title: 'Select trusted entity', content: <TrustedEntity draft={draft} change={change} chooseEntity={chooseEntity} refused={refused} trust={trust} /> },
        {
          title: 'Permissions',
          description: 'What whoever assumes the role may do.',
          content: draft.entity === 'service' ? <UseCasePermissions /> : <ChoosePermissions draft={draft} change={change} />,
        },
        {
          title: 'Review',
          content: (
            <SpaceBetween size="l">
              <Review draft={draft} change={change} refused={refused} trust={trust} policyArns={policyArns} />
              <ProblemAlert error={error} />
            </SpaceBetween>
          ),
        },
      ]}
    />
  );
}

/** Why a step is not finished; AWS checks the rest. */
function fault(draft: Draft, step: number): string {
  if (step === 0 && draft.entity === 'service' && !draft.service) {
    return 'Select the service that will use this role.';
  }
  if (step === 0 && draft.entity === 'custom') {
    try {
      JSON.parse(draft.customTrust);
    } catch (problem) {
      return `This is not JSON: ${(problem as Error).message}`;
    }
  }
  if (step === 2 && !/^[\w+=,.@-]{1,64}$/.test(draft.name)) {
    return 'A role name has 1 to 64 letters, digits and + = , . @ - _';
  }
  return '';
}

interface StepProps {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
}

function TrustedEntity({ draft, change, chooseEntity, refused, trust }: StepProps & { chooseEntity: (e: Draft['entity']) => void; refused: string; trust: string }) {
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">Trusted entity type</Header>}>
        <Tiles
          ariaLabel="Trusted entity type"
          value={draft.entity}
          onChange={(e) => chooseEntity(e.detail.value as Draft['entity'])}
          items={[
            { value: 'service', label: 'AWS service', description: 'Let a service such as API Gateway act in this account.' },
            { value: 'custom', label: 'Custom trust policy', description: 'Write who may assume the role yourself.' },
          ]}
        />
      </Container>
      {draft.entity === 'service' ? (
        <Container header={<Header variant="h2" description="The service that will use this role.">Use case</Header>}>
          <FormField errorText={refused}>
            <RadioGroup
              ariaLabel="Use case"
              value={draft.service}
              onChange={(e) => change({ service: e.detail.value })}
              items={[{ value: logRole.service, label: 'API Gateway', description: logRole.useCase }]}
            />
          </FormField>
        </Container>
      ) : (
        <Container header={<Header variant="h2">Custom trust policy</Header>}>
          <FormField label="Policy document" errorText={refused} stretch>
            <Textarea rows={14} spellcheck={false} value={draft.customTrust} onChange={(e) => change({ customTrust: e.detail.value })} />
          </FormField>
        </Container>
      )}
      {draft.entity === 'service' && draft.service && (
        <Container header={<Header variant="h2" description="Only this service may assume the role.">Trust policy</Header>}>
          <Code label="Trust policy">{trust}</Code>
        </Container>
      )}
    </SpaceBetween>
  );
}

function UseCasePermissions() {
  return (
    <Container header={<Header variant="h2" description="This use case takes one policy. More can be attached on the role's page.">Attached permissions policy</Header>}>
      <SpaceBetween size="s">
        <KeyValuePairs columns={1} items={[{ label: 'Policy name', value: nameOf(logRole.policyArn) }, { label: 'Type', value: 'AWS managed' }]} />
        <PolicyText arn={logRole.policyArn} />
      </SpaceBetween>
    </Container>
  );
}

function ChoosePermissions({ draft, change }: StepProps) {
  const { data, error, loading, reload } = useLoad(listPolicies, []);
  return (
    <Container header={<Header variant="h2" counter={`(${draft.policies.length} chosen)`}>Permissions policies</Header>}>
      <ProblemAlert error={error} onRetry={() => void reload()} />
      <PolicyTable policies={data ?? []} loading={loading && !data} chosen={draft.policies} onChoose={(policies) => change({ policies })} />
    </Container>
  );
}

function Review({ draft, change, refused, trust, policyArns }: StepProps & { refused: string; trust: string; policyArns: string[] }) {
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">Role details</Header>}>
        <SpaceBetween size="l">
          <FormField label="Role name" constraintText="Up to 64 letters, digits and + = , . @ - _" errorText={refused}>
            <Input value={draft.name} spellcheck={false} onChange={(e) => change({ name: e.detail.value })} />
          </FormField>
          <FormField label="Role description">
            <Input value={draft.description} onChange={(e) => change({ description: e.detail.value })} />
          </FormField>
        </SpaceBetween>
      </Container>
      <Container header={<Header variant="h2">Trust policy</Header>}>
        <Code label="Trust policy">{trust}</Code>
      </Container>
      <Container header={<Header variant="h2" counter={`(${policyArns.length})`}>Permissions policies</Header>}>
        {policyArns.length === 0 ? 'None.' : policyArns.map((arn) => <div key={arn}><PolicyName arn={arn} /></div>)}
      </Container>
    </SpaceBetween>
  );
}
