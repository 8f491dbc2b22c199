import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useSearchParams } from 'react-router';
import { LinkButton } from '../../components/Link';
import { EventsView } from './EventsView';
import { groupPath } from './paths';

export default function LogStreamPage() {
  const [query] = useSearchParams();
  const group = query.get('group') ?? '';
  const stream = query.get('stream') ?? '';
  return (
    <SpaceBetween size="m">
      <Header variant="h1" description="Entries of one log stream." actions={<LinkButton to={groupPath(group)}>All streams merged</LinkButton>}>{stream}</Header>
      <EventsView key={`${group}:${stream}`} group={group} stream={stream} />
    </SpaceBetween>
  );
}
