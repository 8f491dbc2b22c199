import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useSearchParams } from 'react-router';
import { useLoad } from '../../aws/useLoad';
import { Copyable } from '../../components/Copyable';
import { Empty } from '../../components/Empty';
import { lazily } from '../../components/lazily';
import { LinkButton } from '../../components/Link';
import { Loading } from '../../components/Loading';
import { PlainTable } from '../../components/PlainTable';
import { Unloaded } from '../../components/Unloaded';
import { findEntry } from './api';
import { classOf, find, meaningOf, type Entry } from './entry';
import { Message } from './Message';
import { Neighbours } from './Neighbours';
import { groupPath, streamPath } from './paths';
import { Replay } from './Replay';
import { requestIdOf } from './trace/requestId';
import { formatTime } from '../../components/time/timeRange';
import './logs.css';

const Trace = lazily(() => import('./trace/Trace'), 'Trace', <Loading />);

/** One entry: its fields, the story of its request, its neighbours, and its request to send again. Its address can be given to somebody else. */
export default function EntryPage() {
  const [query] = useSearchParams();
  const group = query.get('group') ?? '';
  const stream = query.get('stream') ?? '';
  const at = Number(query.get('at'));
  const id = query.get('id') ?? '';
  const { data: entry, error, loading, reload } = useLoad((signal) => findEntry(group, stream, at, id, signal), [group, stream, at, id]);
  if (error !== undefined || (loading && !entry)) {
    return <Unloaded loading="Reading the entry" error={error} reload={reload} heading="Log entry" />;
  }
  if (!entry) {
    return (
      <Empty page title="This entry is no longer kept" action={<LinkButton to={groupPath(group)}>The log group</LinkButton>}>
        Its log group's retention may have passed, or the stream was deleted.
      </Empty>
    );
  }
  return <EntryView key={entry.key} entry={entry} group={group} />;
}

function EntryView({ entry, group }: { entry: Entry; group: string }) {
  const requestId = requestIdOf(entry.fields, entry.message);
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        description={formatTime(entry.timestamp)}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <LinkButton to={`${groupPath(group)}&at=${entry.timestamp}`}>Entries around it</LinkButton>
            <LinkButton to={`${streamPath(group, entry.stream)}&at=${entry.timestamp}`}>Its log stream</LinkButton>
            <CopyToClipboard variant="button" copyButtonText="Copy link" textToCopy={location.href} copySuccessText="Link copied" copyErrorText="Link could not be copied" />
          </SpaceBetween>
        }
      >
        <Title entry={entry} />
      </Header>
      <div className="tb-beside">
        <SpaceBetween size="l">
          <Fields entry={entry} />
          <Container header={<Header variant="h2" actions={<CopyToClipboard variant="icon" copyButtonAriaLabel="Copy message" textToCopy={entry.message} copySuccessText="Message copied" copyErrorText="Message could not be copied" />}>Message</Header>}>
            <Message entry={entry} />
          </Container>
        </SpaceBetween>
        <Replay entry={entry} group={group} />
      </div>
      {requestId && <Trace id={requestId} at={entry.timestamp} group={group} />}
      <Neighbours entry={entry} group={group} />
    </SpaceBetween>
  );
}

function Title({ entry }: { entry: Entry }) {
  const status = find(entry.fields, 'status')?.value;
  const request = [find(entry.fields, 'method')?.value, find(entry.fields, 'path')?.value].filter(Boolean).join(' ');
  return (
    <>
      {status && <span className={`tb-status tb-${classOf(status)}`}>{status} </span>}
      {request || 'Log entry'}
    </>
  );
}

function Fields({ entry }: { entry: Entry }) {
  const rows = [...entry.fields].map(([name, value]) => ({ name, value }));
  rows.push({ name: '@timestamp', value: formatTime(entry.timestamp) }, { name: '@ingestionTime', value: formatTime(entry.ingestionTime) });
  rows.push({ name: '@logStream', value: entry.stream }, { name: '@eventId', value: entry.id ?? '' });
  return (
    <Container header={<Header variant="h2" counter={`(${entry.fields.size})`}>Fields</Header>}>
      <PlainTable
        label="Fields"
        rows={rows}
        keyOf={(f) => f.name}
        columns={[
          { header: 'Field', width: '150px', cell: (f) => f.name },
          { header: 'Value', cell: (f) => <Value {...f} /> },
        ]}
      />
    </Container>
  );
}

function Value({ name, value }: { name: string; value: string }) {
  if (value === '' || value === '-') {
    return <Box color="text-body-secondary">{value || 'empty'}</Box>;
  }
  const meaning = name.startsWith('@') ? undefined : meaningOf(name);
  if (meaning === 'status') {
    return <span className={`tb-status tb-${classOf(value)}`}>{value}</span>;
  }
  return meaning === 'requestId' || meaning === 'ip' || meaning === 'path' || name.startsWith('@') ? <Copyable value={value} label={name} /> : <>{value}</>;
}

