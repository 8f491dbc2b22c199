import type { GatewayResponseType, Resource } from '@aws-sdk/client-api-gateway';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { StepList, useSteps } from '../StepList';
import { corsProblem, corsSteps, defaultCors, leftToEndpoint, type CorsDraft } from './cors';

interface Props {
  apiId: string;
  resource: Resource;
  onDone: () => Promise<void>;
  onClose: () => void;
}

/** Makes a resource answer browsers on pages of other origins, step by step. */
export function EnableCors({ apiId, resource, onDone, onClose }: Props) {
  const there = Object.keys(resource.resourceMethods ?? {}).filter((m) => m !== 'OPTIONS').sort();
  const [draft, setDraft] = useState<CorsDraft>({ ...defaultCors, methods: there });
  const set = (change: Partial<CorsDraft>) => setDraft((d) => ({ ...d, ...change }));
  const work = useSteps();
  const notify = useNotify();
  const problem = corsProblem(draft);
  const left = leftToEndpoint(resource, draft.methods);
  const save = async () => {
    const done = await work.run(corsSteps(apiId, resource, draft));
    await onDone();
    if (done) {
      notify.success(`CORS is on for ${resource.path}. Stages follow after the next deployment.`);
      onClose();
    }
  };
  return (
    <Modal
      visible
      size="large"
      header={`Enable CORS of ${resource.path}`}
      closeAriaLabel="Close"
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>Cancel</Button>
            <Button variant="primary" loading={work.running} disabled={!!problem} onClick={() => void save()}>Save</Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <Choices label="Gateway responses" description="Answers of the gateway itself that get the headers too." all={['DEFAULT_4XX', 'DEFAULT_5XX']} chosen={draft.gatewayResponses} onChange={(c) => set({ gatewayResponses: c as GatewayResponseType[] })} />
        <Choices label="Access-Control-Allow-Methods" all={there} chosen={draft.methods} onChange={(methods) => set({ methods })} fixed="OPTIONS" />
        {left.length > 0 && <Alert type="info">{`${left.join(', ')}: the answer of a proxy integration is passed on as it is, so that the endpoint has to send Access-Control-Allow-Origin itself.`}</Alert>}
        <FormField label="Access-Control-Allow-Headers" stretch>
          <Input value={draft.allowHeaders} onChange={(e) => set({ allowHeaders: e.detail.value })} spellcheck={false} />
        </FormField>
        <FormField label="Access-Control-Allow-Origin" errorText={problem} stretch>
          <Input value={draft.origin} onChange={(e) => set({ origin: e.detail.value })} spellcheck={false} />
        </FormField>
        <ExpandableSection headerText="Additional settings">
          <SpaceBetween size="m">
            <FormField label="Access-Control-Expose-Headers" stretch>
              <Input value={draft.exposeHeaders} onChange={(e) => set({ exposeHeaders: e.detail.value })} spellcheck={false} />
            </FormField>
            <FormField label="Access-Control-Max-Age" description="In seconds.">
              <Input value={draft.maxAge} onChange={(e) => set({ maxAge: e.detail.value.trim() })} inputMode="numeric" />
            </FormField>
            <Checkbox checked={draft.credentials} onChange={(e) => set({ credentials: e.detail.checked })}>Access-Control-Allow-Credentials</Checkbox>
          </SpaceBetween>
        </ExpandableSection>
        {work.steps.length > 0 && <StepList label="Enabling CORS" {...work} />}
      </SpaceBetween>
    </Modal>
  );
}

interface ChoicesProps {
  label: string;
  description?: string;
  all: readonly string[];
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
  /** One that is always chosen. */
  fixed?: string;
}

function Choices({ label, description, all, chosen, onChange, fixed }: ChoicesProps) {
  return (
    <FormField label={label} description={description}>
      <SpaceBetween direction="horizontal" size="m">
        {all.map((name) => (
          <Checkbox key={name} checked={chosen.includes(name)} onChange={(e) => onChange(e.detail.checked ? [...chosen, name] : chosen.filter((c) => c !== name))}>
            {name}
          </Checkbox>
        ))}
        {fixed && <Checkbox checked disabled>{fixed}</Checkbox>}
      </SpaceBetween>
    </FormField>
  );
}
