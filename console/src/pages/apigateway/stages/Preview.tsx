import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useMemo } from 'react';
import type { Stage } from '@aws-sdk/client-api-gateway';
import { useLoad } from '../../../aws/useLoad';
import { Code } from '../../../components/Code';
import { ProblemAlert } from '../../../components/Problem';
import { preview, readBack, type Preview as Rendered } from '../accesslog/preview';
import { groupOfArn } from '../../../aws/arn';
import { newestEntry, type NewestEntry } from './newest';

/** The entry that the format would have made of the stage's newest request; of a sample where no entry can be read back. */
export function Preview({ stage, apiId, format }: { stage: Stage; apiId: string; format: string }) {
  const saved = stage.accessLogSettings;
  const group = groupOfArn(saved?.destinationArn ?? '');
  const { data, error, loading, reload } = useLoad((signal) => (group ? newestEntry(group, signal) : Promise.resolve(undefined)), [group, saved?.format]);
  const real = useMemo(() => readValues(saved?.format ?? '', data, stage, apiId), [saved?.format, data, stage, apiId]);
  const shown = preview(format, real);
  return (
    <SpaceBetween size="xxs">
      <Header
        variant="h3"
        description={real && data ? ofReal(data, shown) : ofSample(data, group)}
        actions={group && <Button iconName="refresh" ariaLabel="Take the newest entry" loading={loading} onClick={() => void reload()} />}
      >
        Preview
      </Header>
      <Code label="Preview of an entry">{shown.line || ' '}</Code>
      <Box color="text-body-secondary" fontSize="body-s">
        {shown.madeUp.length > 0 && `Not in that entry, so made up here: ${shown.madeUp.map((name) => `$context.${name}`).join(', ')}.`}
      </Box>
      <ProblemAlert error={error} />
    </SpaceBetween>
  );
}

/** What the newest entry says, and what the stage is known by. */
function readValues(format: string, entry: NewestEntry | undefined, stage: Stage, apiId: string): Map<string, string> | undefined {
  const values = entry && readBack(format, entry.message);
  if (!values) {
    return undefined;
  }
  return new Map([['apiId', apiId], ['stage', stage.stageName ?? ''], ['deploymentId', stage.deploymentId ?? ''], ...values]);
}

function ofReal(entry: NewestEntry, shown: Rendered): string {
  const made = shown.madeUp.length > 0 ? ', as far as its entry tells' : '';
  return `The stage's newest request, of ${new Date(entry.timestamp).toLocaleString()}${made}.`;
}

function ofSample(entry: NewestEntry | undefined, group: string): string {
  if (entry) {
    return 'A made-up request: the newest entry was not written in the present JSON format, so its values cannot be told apart.';
  }
  return group ? 'A made-up request: the log group holds no entry yet.' : 'A made-up request, until the stage has logged one.';
}
