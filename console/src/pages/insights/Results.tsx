import { GetLogRecordCommand } from '@aws-sdk/client-cloudwatch-logs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useMemo, useState, type CSSProperties } from 'react';
import { logs } from '../../aws/logs';
import { timeOf, type Row } from '../../aws/queries';
import { useLoad } from '../../aws/useLoad';
import { useSession } from '../../aws/useSession';
import { Empty } from '../../components/Empty';
import { LinkButton } from '../../components/Link';
import { ProblemAlert } from '../../components/Problem';
import { idOf } from '../logs/api';
import { classOf, meaningOf } from '../logs/entry';
import { entryPath, tracePath } from '../logs/paths';
import { RowList } from '../logs/RowList';
import { requestIdOf } from '../logs/trace/requestId';
import { columnsOf, pointer } from './results';

interface Numbered {
  key: string;
  row: Row;
}

interface Order {
  column: string;
  down: boolean;
}

const keyOf = (n: Numbered) => n.key;
const nothing = () => undefined;

/** The rows as a table, of which any number can be scrolled; a row opens to show all of its fields. */
export function Results({ rows, running }: { rows: readonly Row[]; running: boolean }) {
  const [order, setOrder] = useState<Order>();
  const columns = useMemo(() => columnsOf(rows), [rows]);
  const sorted = useMemo(() => rows.map((row, i): Numbered => ({ key: String(i), row })).sort(order ? by(order) : () => 0), [rows, order]);
  const grid = useMemo(() => gridOf(columns), [columns]);
  const turn = (column: string) => setOrder((o) => (o?.column === column ? (o.down ? undefined : { column, down: true }) : { column, down: false }));
  return (
    <RowList
      rows={sorted}
      keyOf={keyOf}
      above={0}
      stayOnTop={false}
      label="Results"
      rowHeight={32}
      headHeight={36}
      head={
        <div className="tb-row tb-head" role="row" style={grid}>
          {columns.map((c) => (
            <div key={c} role="columnheader" className="tb-cell" aria-sort={order?.column === c ? (order.down ? 'descending' : 'ascending') : 'none'}>
              <button type="button" className="insights-sort" onClick={() => turn(c)}>{c}{order?.column === c ? (order.down ? ' ▼' : ' ▲') : ''}</button>
            </div>
          ))}
        </div>
      }
      renderRow={({ row }, props) => (
        <div {...props} style={grid}>
          {columns.map((c) => <Cell key={c} column={c} text={row.get(c) ?? ''} />)}
        </div>
      )}
      renderDetail={({ row }) => <Detail row={row} />}
      foot={running ? 'The query runs on.' : `${rows.length.toLocaleString('en')} ${rows.length === 1 ? 'row' : 'rows'}.`}
      empty={<Empty title="No rows">Nothing in the time range fits the query.</Empty>}
      onNearStart={nothing}
      onNearEnd={nothing}
      onOpen={nothing}
    />
  );
}

/** As the browser compares text and numbers in it; a row without the field is last. */
function by({ column, down }: Order) {
  const collator = new Intl.Collator('en', { numeric: true });
  return (a: Numbered, b: Numbered) => {
    const [x, y] = [a.row.get(column), b.row.get(column)];
    if (x === undefined || y === undefined) {
      return Number(x === undefined) - Number(y === undefined);
    }
    const numbers = Number(x) - Number(y);
    return (Number.isNaN(numbers) ? collator.compare(x, y) : numbers) * (down ? -1 : 1);
  };
}

function gridOf(columns: readonly string[]): CSSProperties {
  const least = (c: string) => (c === '@message' ? 480 : c.startsWith('@time') ? 178 : 130);
  return {
    gridTemplateColumns: columns.map((c) => (c.startsWith('@time') ? `${least(c)}px` : `minmax(${least(c)}px, ${c === '@message' ? 6 : 1}fr)`)).join(' '),
    minInlineSize: columns.reduce((sum, c) => sum + least(c) + 16, 40),
  };
}

function Cell({ column, text }: { column: string; text: string }) {
  const status = meaningOf(column) === 'status' && /^[1-5]\d\d$/.test(text);
  const look = status ? `tb-status tb-${classOf(text)}` : column === '@message' || timeOf(text) !== undefined ? 'tb-mono' : '';
  return <div role="gridcell" className={`tb-cell ${look}`} title={text.length > 24 ? text : undefined}>{text}</div>;
}

/** All fields of a row's entry; of a row without an entry, those that it has. */
function Detail({ row }: { row: Row }) {
  const logRecordPointer = row.get(pointer);
  const { data: record, error } = useLoad(
    async (abortSignal) => (logRecordPointer ? (await logs().send(new GetLogRecordCommand({ logRecordPointer }), { abortSignal })).logRecord : undefined),
    [logRecordPointer],
  );
  const all = new Map([...row, ...Object.entries(record ?? {}).filter(([name]) => !row.has(name)).map(([name, value]): [string, string] => [name, printed(name, value)])]);
  all.delete(pointer);
  return (
    <SpaceBetween size="s">
      <SpaceBetween direction="horizontal" size="xs">
        {record && <OpenEntry record={record} />}
        <TraceRequest fields={all} />
      </SpaceBetween>
      <dl className="insights-fields" aria-label="Fields of the row">
        {[...all].map(([name, value]) => [<dt key={`${name} name`}>{name}</dt>, <dd key={name}>{value}</dd>])}
      </dl>
      <ProblemAlert error={error} />
    </SpaceBetween>
  );
}

/** A record's times are milliseconds; rows print them as times, in UTC. */
function printed(name: string, value: string): string {
  return /^@(timestamp|ingestionTime)$/.test(name) && /^\d+$/.test(value) ? new Date(Number(value)).toISOString().replace('T', ' ').replace('Z', '') : value;
}

/** The way to the trace of the row's request. */
function TraceRequest({ fields }: { fields: ReadonlyMap<string, string> }) {
  const id = requestIdOf(fields, fields.get('@message') ?? '');
  return id && <LinkButton to={tracePath(id, timeOf(fields.get('@timestamp') ?? ''))}>Trace request</LinkButton>;
}

/** The way to the page of the row's entry. */
function OpenEntry({ record }: { record: Record<string, string> }) {
  const { region } = useSession();
  const { '@log': log = '', '@logStream': stream = '', '@timestamp': at = '', '@message': message = '' } = record;
  const group = log.replace(/^\d{12}:/, '');
  const timestamp = Number(at);
  const { data: id } = useLoad((signal) => idOf(group, { stream, timestamp, message }, signal), [log, stream, at, message]);
  return <LinkButton to={entryPath({ group, stream, timestamp, id: id ?? '', region })} disabled={!id}>Open entry</LinkButton>;
}
