import { Empty } from '../components/Empty';
import { LinkButton } from '../components/Link';

export function NotFound() {
  return (
    <Empty page title="There is nothing at this address" action={<LinkButton to="/">Home</LinkButton>}>
      The link may be of another version of Tollbook.
    </Empty>
  );
}
