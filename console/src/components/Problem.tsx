import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import { problemOf, type Problem } from '../aws/errors';

/** A problem's message with its request ID below; with its code in front where no heading says it. */
export function ProblemText({ problem, withCode = false }: { problem: Problem; withCode?: boolean }) {
  return (
    <>
      {withCode && <b>{problem.code}: </b>}
      {problem.message}
      {problem.requestId && <div>Request ID: {problem.requestId}</div>}
    </>
  );
}

/** An error in the place of what could not be loaded, with AWS' code and request ID. Shows nothing without error. */
export function ProblemAlert({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  if (error === undefined || error === null) {
    return null;
  }
  const problem = problemOf(error);
  return (
    <Alert type="error" header={problem.code} action={onRetry && <Button onClick={onRetry}>Try again</Button>}>
      <Box>
        <ProblemText problem={problem} />
      </Box>
    </Alert>
  );
}
