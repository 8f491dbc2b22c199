import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { Loading } from './Loading';
import { ProblemAlert } from './Problem';

interface Props {
  /** What is said while it is on its way: "Loading the usage plan". */
  loading: string;
  error: unknown;
  reload: () => Promise<void>;
  /** The page's main heading if it could not be had, where nothing else gives one. */
  heading?: string;
}

/** In the place of something that is on its way, or could not be had. */
export function Unloaded({ loading, error, reload, heading }: Props) {
  if (error === undefined) {
    return <Loading text={loading} />;
  }
  const problem = <ProblemAlert error={error} onRetry={() => void reload()} />;
  return heading ? <SpaceBetween size="m"><Header variant="h1">{heading}</Header>{problem}</SpaceBetween> : problem;
}
