import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useEffect, useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { lazily } from '../../components/lazily';
import { Loading } from '../../components/Loading';
import { tracePath } from './paths';
import { requestIdForm } from './trace/requestId';

const Trace = lazily(() => import('./trace/Trace'), 'Trace', <Loading />);

/** Everything about one request, given its ID. */
export default function TracePage() {
  const [query] = useSearchParams();
  const id = query.get('id') ?? '';
  const at = query.has('at') ? Number(query.get('at')) : undefined;
  const [typed, setTyped] = useState(id);
  useEffect(() => setTyped(id), [id]);
  const navigate = useNavigate();
  const right = requestIdForm.test(typed);
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description="Access log entry, execution log, the back end's time and metrics of one request, in one timeline.">Request trace</Header>
      <Container>
        <form onSubmit={(e) => { e.preventDefault(); if (right) { void navigate(tracePath(typed)); } }}>
          <FormField
            label="Request ID"
            constraintText="An answer has it in its header x-amzn-RequestId, an entry as $context.requestId."
            errorText={typed !== '' && !right ? 'This is no request ID.' : ''}
            secondaryControl={<Button variant="primary" formAction="submit" disabled={!right}>Trace</Button>}
            stretch
          >
            <Input value={typed} onChange={(e) => setTyped(e.detail.value.trim())} spellcheck={false} placeholder="1aa0d9a8-3a34-4b68-9d6c-2f6f2b0a9a8e" />
          </FormField>
        </form>
      </Container>
      {requestIdForm.test(id) && <Trace key={id} id={id} at={at} />}
    </SpaceBetween>
  );
}
