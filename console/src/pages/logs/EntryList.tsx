import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { memo, useCallback, useMemo, type CSSProperties, type ReactNode } from 'react';
import { useNavigate } from 'react-router';
import { useNotify } from '../../app/notifications';
import { useLoad } from '../../aws/useLoad';
import { useSession } from '../../aws/useSession';
import { LinkButton } from '../../components/Link';
import { idOf } from './api';
import { Cell } from './Cell';
import { gridOf, headingOf } from './columns';
import { find, meaningOf, type Entry, type Meaning } from './entry';
import { slowestOf } from './latency';
import { Message } from './Message';
import { entryPath, tracePath } from './paths';
import { patternFor } from './pattern';
import type { EntryReader, ReaderState } from './entryReader';
import { RowList, type RowProps } from './RowList';
import { requestIdOf } from './trace/requestId';
import { formatTime } from '../../components/time/timeRange';

interface Props {
  group: string;
  reader: EntryReader;
  state: ReaderState;
  columns: readonly string[];
  empty: ReactNode;
  onPattern: (pattern: string) => void;
}

const keyOf = (entry: Entry) => entry.key;

/** The entries held by a reader, newest first; asks for more near its ends. */
export function EntryList({ group, reader, state, columns, empty, onPattern }: Props) {
  const { region } = useSession();
  const navigate = useNavigate();
  const notify = useNotify();
  const { entries, above } = state.buffer;
  const grid = useMemo(() => gridOf(columns), [columns]);
  const slowest = useSlowest(entries);
  const pathOf = (e: Entry, id: string) => entryPath({ group: e.group ?? group, stream: e.stream, timestamp: e.timestamp, id, region });
  const open = async (e: Entry) => navigate(pathOf(e, e.id ?? (await idOf(e.group ?? group, e, new AbortController().signal)) ?? ''));
  return (
    <RowList
      rows={entries}
      keyOf={keyOf}
      above={above}
      stayOnTop={state.following}
      label="Log entries, newest first"
      rowHeight={32}
      headHeight={36}
      head={
        <div className="tb-row tb-head" role="row" style={grid}>
          {columns.map((c) => <div key={c} role="columnheader" className={`tb-cell ${meaningOf(c) === 'length' ? 'tb-num' : ''}`}>{headingOf(c)}</div>)}
        </div>
      }
      renderRow={(entry, row) => <Row entry={entry} row={row} columns={columns} grid={grid} slowest={slowest} />}
      renderDetail={(entry) => <Detail entry={entry} group={entry.group ?? group} pathOf={pathOf} onPattern={onPattern} />}
      foot={<Foot state={state} />}
      empty={state.busy ? <Foot state={state} /> : empty}
      onNearEnd={useCallback(() => void (reader.getState().error === undefined && reader.older()), [reader])}
      onNearStart={useCallback(() => void (reader.getState().error === undefined && reader.newer()), [reader])}
      onOpen={(entry) => void open(entry).catch((e: unknown) => notify.error(e))}
    />
  );
}

/** Steady while entries come in: bars that change their scale each second cannot be compared. */
function useSlowest(entries: readonly Entry[]): number {
  const measured = slowestOf(entries);
  return measured === 0 ? 0 : 2 ** Math.ceil(Math.log2(measured));
}

interface RowPartProps {
  entry: Entry;
  row: RowProps;
  columns: readonly string[];
  grid: CSSProperties;
  slowest: number;
}

const Row = memo(
  function Row({ entry, row, columns, grid, slowest }: RowPartProps) {
    return (
      <div {...row} style={grid}>
        {columns.map((c) => <Cell key={c} entry={entry} column={c} slowest={slowest} />)}
      </div>
    );
  },
  (a, b) =>
    a.entry === b.entry && a.columns === b.columns && a.slowest === b.slowest && a.row.className === b.row.className &&
    a.row['aria-expanded'] === b.row['aria-expanded'] && a.row['aria-rowindex'] === b.row['aria-rowindex'],
);

interface DetailProps {
  entry: Entry;
  group: string;
  pathOf: (entry: Entry, id: string) => string;
  onPattern: (pattern: string) => void;
}

function Detail({ entry, group, pathOf, onPattern }: DetailProps) {
  const { data: id } = useLoad((signal) => (entry.id ? Promise.resolve(entry.id) : idOf(group, entry, signal)), [entry.key]);
  const requestId = requestIdOf(entry.fields, entry.message);
  return (
    <SpaceBetween size="s">
      <SpaceBetween direction="horizontal" size="xs">
        <LinkButton to={pathOf(entry, id ?? '')} variant="primary" disabled={!id}>Open entry</LinkButton>
        {requestId && <LinkButton to={tracePath(requestId, entry.timestamp)}>Trace request</LinkButton>}
        <CopyToClipboard variant="button" copyButtonText="Copy message" textToCopy={entry.message} copySuccessText="Message copied" copyErrorText="Message could not be copied" />
        {(['ip', 'path', 'status'] satisfies Meaning[]).map((meaning) => (
          <Narrow key={meaning} entry={entry} meaning={meaning} onPattern={onPattern} />
        ))}
      </SpaceBetween>
      <Message entry={entry} />
      <Box color="text-body-secondary" fontSize="body-s">
        Stream {entry.stream} · ingested {formatTime(entry.ingestionTime)}, {(entry.ingestionTime - entry.timestamp).toLocaleString('en')} ms after its time
      </Box>
    </SpaceBetween>
  );
}

function Narrow({ entry, meaning, onPattern }: { entry: Entry; meaning: Meaning; onPattern: (pattern: string) => void }) {
  const field = find(entry.fields, meaning);
  const pattern = field && patternFor(entry, [field.name]);
  return pattern && <Button iconName="filter" onClick={() => onPattern(pattern)}>{`Only ${field.value}`}</Button>;
}

function Foot({ state }: { state: ReaderState }) {
  if (state.busy === 'older') {
    return <><Spinner /> Reading; looked back to {formatTime(state.coveredFrom)}</>;
  }
  return <>{state.olderDone ? 'This is the start of the chosen time range.' : 'Scroll on for older entries.'}</>;
}
