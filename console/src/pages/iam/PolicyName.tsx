import Popover from '@cloudscape-design/components/popover';
import { Code } from '../../components/Code';
import { Unloaded } from '../../components/Unloaded';
import { useLoad } from '../../aws/useLoad';
import { policyDocument } from './roles';

/** A managed policy's name; pressing it shows what the policy allows. */
export function PolicyName({ arn }: { arn: string }) {
  return (
    <Popover size="large" position="right" header={nameOf(arn)} triggerType="text" dismissAriaLabel="Close" content={<PolicyText arn={arn} />}>
      {nameOf(arn)}
    </Popover>
  );
}

/** The document of a managed policy. */
export function PolicyText({ arn }: { arn: string }) {
  const { data, error, reload } = useLoad((signal) => policyDocument(arn, signal), [arn]);
  if (data === undefined) {
    return <Unloaded loading="Loading the policy" error={error} reload={reload} />;
  }
  return <Code label={`Policy ${nameOf(arn)}`}>{data}</Code>;
}

/** The name at the end of a policy's ARN. */
export function nameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}
