import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { useLocation, useNavigate } from 'react-router';
import { useSession } from '../../aws/useSession';
import { Empty } from '../../components/Empty';
import { ProblemAlert } from '../../components/Problem';
import { GroupsSelect } from '../insights/GroupsSelect';
import { Highlight } from '../logs/Cell';
import { EntryList } from '../logs/EntryList';
import { Histogram, Legend } from '../logs/Histogram';
import { PatternInput } from '../logs/PatternInput';
import { useColumns } from '../logs/useColumns';
import { highlightOf, tailHash, tailOf, type TailWish } from './address';
import { liveTail, Tail, tailLimit, type TailState } from './tail';
import '../logs/logs.css';

const mostGroups = 10; // of one session, as AWS has it

const idle = new Tail(() => new Promise(() => undefined)); // shown before the first start

/** Live tail: the entries of log groups as they are written, filtered by the server. */
export default function LiveTailPage() {
  const { hash } = useLocation();
  const navigate = useNavigate();
  const { region } = useSession();
  const [wish, setWish] = useState<TailWish>(() => tailOf(hash));
  const [highlight, setHighlight] = useState('');
  const [tail, setTail] = useState<Tail>();
  const current = tail ?? idle;
  const state = useSyncExternalStore(current.subscribe, current.getState);
  const marks = useMemo(() => highlightOf(highlight), [highlight]);
  const columns = useColumns(wish.groups[0] ?? '', state.buffer.entries);
  const live = tail !== undefined && !state.ended;

  const start = (what: TailWish) => {
    tail?.stop();
    setWish(what);
    void navigate({ hash: tailHash(what) }, { replace: true });
    const next = new Tail(liveTail(what.groups, what.pattern));
    setTail(next);
    void next.start();
  };
  const begin = useRef(start);
  begin.current = start;
  useEffect(() => {
    const first = tailOf(hash);
    if (first.groups.length > 0) {
      begin.current(first); // a link names what to follow
    }
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the address of the first view; region begins anew
  }, [region]);
  useEffect(() => () => tail?.stop(), [tail]);

  const { entries } = state.buffer;
  const from = entries.at(-1)?.timestamp ?? 0;
  return (
    <SpaceBetween size="m">
      <Header variant="h1" description="Entries as they are written, filtered before they are sent.">Live tail</Header>
      <Container disableContentPaddings>
        <Box padding={{ horizontal: 'l', vertical: 'm' }}>
          <SpaceBetween size="s">
            <FormField label="Log groups" stretch>
              <GroupsSelect value={wish.groups} onChange={(groups) => setWish({ ...wish, groups })} most={mostGroups} disabled={live} />
            </FormField>
            <div className="tb-tools">
              <PatternInput value={wish.pattern} onApply={(pattern) => (live ? start({ ...wish, pattern }) : setWish({ ...wish, pattern }))} />
              <div className="tb-tools-mark">
                <Input value={highlight} onChange={(e) => setHighlight(e.detail.value)} ariaLabel="Highlight" placeholder="Highlight: word, word" spellcheck={false} />
              </div>
              {live ? <Button iconName="close" onClick={() => tail.stop()}>Stop</Button> : <Button variant="primary" iconName="play" disabled={wish.groups.length === 0} onClick={() => start(wish)}>Start</Button>}
              <Button disabled={!live} iconName={state.following ? 'pause' : 'play'} onClick={() => (state.following ? current.pause() : current.follow())}>{state.following ? 'Pause' : 'Resume'}</Button>
              <Button disabled={entries.length === 0} onClick={() => current.clear()}>Clear</Button>
              {columns.picker}
            </div>
            <ProblemAlert error={state.error} onRetry={() => start(wish)} />
            {entries.length > 0 && <Histogram entries={entries} from={from} to={Math.max(entries[0]!.timestamp, from + 1)} onZoom={() => undefined} />}
            <div className="tb-covered">
              <Legend entries={entries} />
              <Status state={state} started={tail !== undefined} />
            </div>
          </SpaceBetween>
        </Box>
        <Highlight.Provider value={marks}>
          <EntryList
            group={wish.groups[0] ?? ''}
            reader={current}
            state={state}
            columns={columns.visible}
            empty={<Nothing live={live} />}
            onPattern={(pattern) => start({ ...wish, pattern })}
          />
        </Highlight.Provider>
      </Container>
    </SpaceBetween>
  );
}

function Status({ state, started }: { state: TailState; started: boolean }) {
  const rate = useRate(state.received);
  if (!started) {
    return null;
  }
  const n = (value: number) => value.toLocaleString('en');
  return (
    <Box color="text-body-secondary" fontSize="body-s">
      {state.ended ? <StatusIndicator type="stopped">Stopped</StatusIndicator> : state.open ? <StatusIndicator type="in-progress">Live</StatusIndicator> : <StatusIndicator type="loading">Opening</StatusIndicator>}
      {' '}· <span className="tb-received">{n(state.received)}</span> {state.received === 1 ? 'entry' : 'entries'} came, {n(rate)} a second
      {state.received > tailLimit && `, the newest ${n(tailLimit)} are kept`}
      {state.waiting > 0 && ` · ${n(state.waiting)} wait for the end of the pause`}
      {state.sampled && ' · more came than are sent: the server sampled them'}
    </Box>
  );
}

/** How fast a number grows, over the last few seconds. */
function useRate(count: number): number {
  const seen = useRef<{ at: number; count: number }[]>([]);
  const latest = useRef(count);
  latest.current = count;
  const [rate, setRate] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => {
      const now = { at: performance.now(), count: latest.current };
      seen.current = [...seen.current.filter((s) => now.at - s.at < 4500), now];
      const first = seen.current[0]!;
      setRate(now.at > first.at ? Math.round(((now.count - first.count) * 1000) / (now.at - first.at)) : 0);
    }, 1000);
    return () => clearInterval(timer);
  }, []);
  return Math.max(rate, 0);
}

function Nothing({ live }: { live: boolean }) {
  return live ? (
    <Empty title="No entries yet">Send a request through the API: its entry appears here at once.</Empty>
  ) : (
    <Empty title="Nothing is followed">Choose log groups, and start.</Empty>
  );
}
