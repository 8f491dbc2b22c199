import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Tabs from '@cloudscape-design/components/tabs';
import type { LogGroup } from '@aws-sdk/client-cloudwatch-logs';
import { useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { useLoad } from '../../aws/useLoad';
import { Copyable } from '../../components/Copyable';
import { Empty } from '../../components/Empty';
import { lazily } from '../../components/lazily';
import { Loading } from '../../components/Loading';
import { LinkButton } from '../../components/Link';
import { ProblemAlert } from '../../components/Problem';
import { insightsPath } from '../insights/address';
import { liveTailPath } from '../livetail/address';
import { findGroup } from './api';
import { formatBytes } from './bytes';
import { groupPath } from './paths';
import { retentionText } from './retention';
import './logs.css';

const EventsView = lazily(() => import('./EventsView'), 'EventsView', <Loading />);
const GroupTags = lazily(() => import('./GroupTags'), 'GroupTags', <Loading />);
const EditRetention = lazily(() => import('./EditRetention'), 'EditRetention');
const StreamsTable = lazily(() => import('./StreamsTable'), 'StreamsTable', <Loading />);

/** A log group: all its entries as one stream, and its log streams. */
export default function LogGroupPage() {
  const [query] = useSearchParams();
  const navigate = useNavigate();
  const name = query.get('group') ?? '';
  const { data: group, error, loading, reload } = useLoad((signal) => findGroup(name, signal), [name]);
  if (!loading && !error && !group) {
    return (
      <Empty page title={`There is no log group ${name} in this region`} action={<LinkButton to="/logs/groups">All log groups</LinkButton>}>
        It may have been deleted, or be in another region: see the top of the page.
      </Empty>
    );
  }
  return (
    <SpaceBetween size="s">
      <Header
        variant="h1"
        description={group && <Facts group={group} onChange={reload} />}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <LinkButton to={liveTailPath([name])}>Follow in live tail</LinkButton>
            <LinkButton to={insightsPath({ groups: [name] })}>Query in Logs Insights</LinkButton>
          </SpaceBetween>
        }
      >
        {name}
      </Header>
      <ProblemAlert error={error} onRetry={() => void reload()} />
      <Tabs
        activeTabId={query.get('tab') ?? 'entries'}
        onChange={(e) => void navigate(groupPath(name, e.detail.activeTabId === 'entries' ? undefined : e.detail.activeTabId))}
        tabs={[
          { id: 'entries', label: 'Entries of all streams', content: <EventsView key={name} group={name} /> },
          { id: 'streams', label: 'Log streams', content: <StreamsTable key={name} group={name} /> },
          { id: 'tags', label: 'Tags', content: group ? <GroupTags arn={arnOf(group)} /> : <Loading /> },
        ]}
      />
    </SpaceBetween>
  );
}

const arnOf = (group: LogGroup) => group.logGroupArn ?? (group.arn ?? '').replace(/:\*$/, '');

function Facts({ group, onChange }: { group: LogGroup; onChange: () => Promise<void> }) {
  const [editing, setEditing] = useState(false);
  return (
    <>
      <div className="tb-facts">
        <span>Retention: {retentionText(group.retentionInDays)} <Button variant="inline-link" onClick={() => setEditing(true)}>Edit</Button></span>
        <span>Stored bytes: {formatBytes(group.storedBytes)}</span>
        <span>ARN: <Copyable value={arnOf(group)} label="ARN" /></span>
      </div>
      {editing && (
        <EditRetention
          group={group}
          onClose={() => setEditing(false)}
          onDone={() => {
            setEditing(false);
            void onChange();
          }}
        />
      )}
    </>
  );
}
