import Box from '@cloudscape-design/components/box';
import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import { formatSpan } from '../../components/time/timeRange';
import { formatBytes } from '../logs/bytes';
import type { QueryWork } from './useQuery';

const kinds: Record<string, StatusIndicatorProps.Type> = { Complete: 'success', Cancelled: 'stopped', Failed: 'error', Timeout: 'error' };

/** How a query gets on: what it has looked at, what it found, how long it took. */
export function Progress({ work: { answer, running, took } }: { work: QueryWork }) {
  if (!answer) {
    return null;
  }
  const { recordsMatched = 0, recordsScanned = 0, bytesScanned = 0 } = answer.statistics;
  const n = (value: number) => value.toLocaleString('en');
  return (
    <Box color="text-body-secondary" fontSize="body-s">
      <span role="status">
        <StatusIndicator type={running ? 'in-progress' : (kinds[answer.status] ?? 'info')}>{running ? 'Running' : answer.status}</StatusIndicator>{' '}
        · {n(recordsMatched)} of {n(recordsScanned)} entries matched · {formatBytes(bytesScanned)} read · {formatSpan(took)}
      </span>
    </Box>
  );
}
