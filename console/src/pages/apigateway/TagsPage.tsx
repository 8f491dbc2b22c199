import { ApiFrame } from './ApiFrame';
import { ApiTags } from './ApiTags';

/** The tags of an API. */
export default function TagsPage() {
  return <ApiFrame>{(api, reload) => <ApiTags path={`/restapis/${api.id}`} tags={api.tags} reload={reload} />}</ApiFrame>;
}
