import { Board } from '../metrics/Board';
import { ApiFrame } from './ApiFrame';
import { metricName } from './metricName';

/** Requests, errors and latency of an API, all its stages together. */
export default function DashboardPage() {
  return <ApiFrame>{(api) => <Board title={`All stages of ${api.name}`} dimensions={[{ Name: 'ApiName', Value: metricName(api) }]} />}</ApiFrame>;
}
