import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Tabs from '@cloudscape-design/components/tabs';
import { useEffect, useMemo, useState } from 'react';
import { useLocation, useNavigate } from 'react-router';
import { problemOf } from '../../aws/errors';
import { useLoad } from '../../aws/useLoad';
import { useSession } from '../../aws/useSession';
import { Empty } from '../../components/Empty';
import { lazily } from '../../components/lazily';
import { Loading } from '../../components/Loading';
import { ProblemAlert } from '../../components/Problem';
import { RangePicker } from '../../components/time/RangePicker';
import { resolve } from '../../components/time/timeRange';
import { hashOf, wishOf, type Wish } from './address';
import { fieldsOf } from './fields';
import { GroupsSelect } from './GroupsSelect';
import { lineAndColumn, queryProblem } from './problem';
import { Progress } from './Progress';
import { QueryText } from './QueryText';
import { Samples } from './Samples';
import { useQuery } from './useQuery';
import '../logs/logs.css';
import './insights.css';

const Results = lazily(() => import('./Results'), 'Results', <Loading />);
const Visualization = lazily(() => import('./Visualization'), 'Visualization', <Loading />);
const QueryHistory = lazily(() => import('./QueryHistory'), 'QueryHistory', <Loading />);
const SavedQueries = lazily(() => import('./SavedQueries'), 'SavedQueries', <Loading />);
const SaveQuery = lazily(() => import('./SaveQuery'), 'SaveQuery');
const Download = lazily(() => import('./Download'), 'Download');

const mostGroups = 50; // of one query, as AWS has it

/** Logs Insights: a query over log groups, its rows as table and charts. Its address holds all of it. */
export default function InsightsPage() {
  const { hash } = useLocation();
  const navigate = useNavigate();
  const { region } = useSession();
  const [draft, setDraft] = useState<Wish>(() => wishOf(hash));
  const [tab, setTab] = useState('results');
  const [saving, setSaving] = useState(false);
  const work = useQuery();
  const change = (part: Partial<Wish>) => setDraft((old) => ({ ...old, ...part }));
  const selfContained = namesItsGroups(draft.text);
  const ready = isReady(draft);

  const { data: fields = [] } = useLoad(
    (signal) => (draft.groups.length > 0 ? fieldsOf(draft.groups, resolve(draft.range, Date.now()).end, signal).catch(() => []) : Promise.resolve([])),
    [draft.groups.join('\n')],
  );
  const ask = (wish: Wish) => {
    setDraft(wish);
    void navigate({ hash: hashOf(wish) }, { replace: hashOf(wish) === hash });
    const { start, end } = resolve(wish.range, Date.now());
    work.run({ text: wish.text, groups: namesItsGroups(wish.text) ? [] : wish.groups, start, end });
    setTab((t) => (t === 'history' || t === 'saved' ? 'results' : t));
  };
  useEffect(() => {
    // A link, or the way back, brings a query along: it is shown as it was asked.
    const wish = wishOf(hash);
    setDraft((old) => (hashOf(old) === hash ? old : wish));
  }, [hash, region]);
  const load = (wish: Wish) => {
    setDraft(wish);
    void navigate({ hash: hashOf(wish) });
  };
  const asked = work.query?.text;
  const problem = useMemo(() => (asked === draft.text ? queryProblem(work.error, draft.text) : undefined), [work.error, asked, draft.text]);
  const rows = work.answer?.rows;
  const nothing = <Nothing failed={work.error !== undefined} running={work.running} ready={ready} />;
  return (
    <SpaceBetween size="m">
      <Header
        variant="h1"
        description="Ask the entries of log groups: filter, count, group, and draw what comes out."
        actions={<Samples fields={fields} onChoose={(text) => change({ text })} />}
      >
        Logs Insights
      </Header>
      <Container>
        <SpaceBetween size="s">
          <div className="insights-scope">
            <FormField label="Log groups" stretch description={selfContained ? 'The query names its log groups itself, in SOURCE.' : undefined}>
              <GroupsSelect value={draft.groups} onChange={(groups) => change({ groups })} most={mostGroups} disabled={selfContained} />
            </FormField>
            <FormField label="Time range">
              <RangePicker value={draft.range} onChange={(range) => change({ range })} />
            </FormField>
          </div>
          <QueryText value={draft.text} onChange={(text) => change({ text })} onRun={(text) => isReady({ ...draft, text }) && ask({ ...draft, text })} fields={fields} problem={problem} />
          {problem && <Box color="text-status-error"><span role="alert">{lineAndColumn(draft.text, problem.from)}: {problem.message}</span></Box>}
          <div className="insights-actions">
            <SpaceBetween direction="horizontal" size="xs">
              <Button variant="primary" loading={work.running} disabled={!ready} onClick={() => ask(draft)}>Run query</Button>
              <Button disabled={!work.running} onClick={work.cancel}>Cancel</Button>
              <Button disabled={draft.text.trim() === ''} onClick={() => setSaving(true)}>Save</Button>
            </SpaceBetween>
            <Progress work={work} />
          </div>
          {work.error !== undefined && !problem && <ProblemAlert error={work.error} />}
          {problem && <Box color="text-body-secondary" fontSize="body-s">{problemOf(work.error).code}, request ID: {problemOf(work.error).requestId}</Box>}
        </SpaceBetween>
      </Container>
      <Tabs
        ariaLabel="What the query found, and other queries"
        activeTabId={tab}
        onChange={(e) => setTab(e.detail.activeTabId)}
        actions={rows && rows.length > 0 ? <Download rows={rows} /> : undefined}
        tabs={[
          { id: 'results', label: `Results${rows ? ` (${rows.length.toLocaleString('en')})` : ''}`, content: rows ? <Results rows={rows} running={work.running} /> : nothing },
          { id: 'visualization', label: 'Visualization', content: rows ? <Visualization rows={rows} /> : nothing },
          { id: 'history', label: 'History', content: <QueryHistory onOpen={load} onShow={(queryId) => { work.show(queryId); setTab('results'); }} /> },
          { id: 'saved', label: 'Saved queries', content: <SavedQueries onOpen={(wish) => load({ ...draft, ...wish })} /> },
        ]}
      />
      {saving && <SaveQuery text={draft.text} groups={draft.groups} onClose={() => setSaving(false)} />}
    </SpaceBetween>
  );
}

function isReady({ text, groups }: Wish): boolean {
  return text.trim() !== '' && (groups.length > 0 || namesItsGroups(text));
}

/** Whether a query begins with SOURCE, comments aside. */
function namesItsGroups(text: string): boolean {
  return /^\s*(#.*\n\s*)*source\b/i.test(text);
}

function Nothing({ running, failed, ready }: { running: boolean; failed: boolean; ready: boolean }) {
  if (running) {
    return <Loading text="The query runs" />;
  }
  if (failed) {
    return <Empty title="No results">The query could not be answered; see above.</Empty>;
  }
  return <Empty title="No query was run yet">{ready ? 'Run query, or Control and Enter in the editor.' : 'Choose a log group first.'}</Empty>;
}
