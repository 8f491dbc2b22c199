import AttributeEditor from '@cloudscape-design/components/attribute-editor';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { useEffect, useRef, useState } from 'react';
import { Link } from '../../components/Link';
import { ProblemAlert } from '../../components/Problem';
import { classOf, find, type Entry } from './entry';
import { Message } from './Message';
import { groupPath } from './paths';
import { methods, replayProblem, requestOf, send, type Answer, type ReplayRequest } from './replay';

/** A form filled from an entry that sends its request again, and the answer. */
export function Replay({ entry, group }: { entry: Entry; group: string }) {
  const [request, setRequest] = useState<ReplayRequest>(() => requestOf(entry, group));
  const [answer, setAnswer] = useState<Answer>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const abort = useRef<AbortController>(undefined);
  useEffect(() => () => abort.current?.abort(), []);
  const set = (change: Partial<ReplayRequest>) => setRequest((old) => ({ ...old, ...change }));
  const problem = replayProblem(request);
  const go = async () => {
    abort.current?.abort();
    abort.current = new AbortController();
    setBusy(true);
    setError(undefined);
    try {
      setAnswer(await send(request, abort.current.signal));
    } catch (e) {
      setError(e);
      setAnswer(undefined);
    }
    setBusy(false);
  };
  return (
    <Container header={<Header variant="h2" description="Sends a new request through the gateway. It is real: it reaches the integration and is logged.">Replay</Header>}>
      <form onSubmit={(e) => { e.preventDefault(); if (!problem && !busy) void go(); }}>
        <SpaceBetween size="m">
          <div className="tb-replay-line">
            <FormField label="API ID"><Input value={request.apiId} onChange={(e) => set({ apiId: e.detail.value.trim() })} spellcheck={false} /></FormField>
            <FormField label="Stage"><Input value={request.stage} onChange={(e) => set({ stage: e.detail.value.trim() })} spellcheck={false} /></FormField>
          </div>
          <div className="tb-replay-line tb-replay-request">
            <FormField label="Method">
              <Select selectedOption={{ value: request.method }} options={methods.map((value) => ({ value }))} onChange={(e) => set({ method: e.detail.selectedOption.value ?? 'GET' })} />
            </FormField>
            <FormField label="Path and query" stretch>
              <Input value={request.path} onChange={(e) => set({ path: e.detail.value })} spellcheck={false} invalid={!!problem && !!request.apiId} />
            </FormField>
          </div>
          <ExpandableSection headerText="Headers and body" defaultExpanded={request.method === 'POST' || request.method === 'PUT' || request.method === 'PATCH'}>
            <SpaceBetween size="m">
              <AttributeEditor
                items={request.headers}
                definition={[
                  { label: 'Header', control: (h, i) => <Input ariaLabel="Header name" value={h.name} onChange={(e) => set({ headers: withAt(request.headers, i, { ...h, name: e.detail.value }) })} /> },
                  { label: 'Value', control: (h, i) => <Input ariaLabel="Header value" value={h.value} onChange={(e) => set({ headers: withAt(request.headers, i, { ...h, value: e.detail.value }) })} /> },
                ]}
                addButtonText="Add header"
                removeButtonText="Remove"
                onAddButtonClick={() => set({ headers: [...request.headers, { name: '', value: '' }] })}
                onRemoveButtonClick={(e) => set({ headers: request.headers.filter((_, i) => i !== e.detail.itemIndex) })}
                empty="No headers beyond the browser's own. A browser does not let a page set Host, Cookie or Origin."
              />
              <FormField label="Body" description="An access log holds no body; put one in where the request needs it.">
                <Textarea value={request.body} onChange={(e) => set({ body: e.detail.value })} rows={4} spellcheck={false} disabled={request.method === 'GET' || request.method === 'HEAD'} />
              </FormField>
            </SpaceBetween>
          </ExpandableSection>
          <SpaceBetween direction="horizontal" size="s" alignItems="center">
            <Button variant="primary" formAction="submit" iconName="send" loading={busy} disabled={!!problem}>Send request</Button>
            {problem && <Box color="text-status-warning">{problem}</Box>}
          </SpaceBetween>
          <ProblemAlert error={error} />
          {answer && <AnswerBox answer={answer} entry={entry} group={group} />}
        </SpaceBetween>
      </form>
    </Container>
  );
}

function withAt<T>(list: readonly T[], index: number, item: T): T[] {
  return list.map((old, i) => (i === index ? item : old));
}

function AnswerBox({ answer, entry, group }: { answer: Answer; entry: Entry; group: string }) {
  const then = find(entry.fields, 'status')?.value;
  const again = answer.requestId && `${groupPath(group)}&${new URLSearchParams({ filter: `"${answer.requestId}"`, range: '15m' }).toString()}`;
  return (
    <div role="status" aria-label="Answer">
      <SpaceBetween size="s">
        <SpaceBetween direction="horizontal" size="l" alignItems="center">
          <Box fontSize="heading-m" fontWeight="bold">
            <span className={`tb-status tb-${classOf(String(answer.status))}`}>{answer.status} {answer.statusText}</span>
          </Box>
          <Box color="text-body-secondary">{Math.round(answer.took).toLocaleString('en')} ms as seen by the browser</Box>
          {then && <Box color="text-body-secondary">{then === String(answer.status) ? 'The same status as then' : `Then it was ${then}`}</Box>}
        </SpaceBetween>
        <Message label="Body of the answer" entry={{ message: answer.body || '(no body)', format: answer.body.startsWith('{') || answer.body.startsWith('[') ? 'json' : 'text' }} />
        <ExpandableSection headerText={`${answer.headers.length} headers`}>
          <pre className="tb-code" tabIndex={0} role="region" aria-label="Headers of the answer">{answer.headers.map((h) => `${h.name}: ${h.value}`).join('\n')}</pre>
        </ExpandableSection>
        {again && <Link to={again}>Find its entry in the log</Link>}
      </SpaceBetween>
    </div>
  );
}
