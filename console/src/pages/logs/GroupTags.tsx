import { ListTagsForResourceCommand, TagResourceCommand, UntagResourceCommand } from '@aws-sdk/client-cloudwatch-logs';
import { logs } from '../../aws/logs';
import { useLoad } from '../../aws/useLoad';
import { ProblemAlert } from '../../components/Problem';
import { tagsOf, type Tag } from '../../components/tags';
import { TagsTable } from '../../components/TagsTable';

/** The tags of a log group, by its ARN without the ":*" behind it. */
export function GroupTags({ arn: resourceArn }: { arn: string }) {
  const { data, error, loading, reload } = useLoad((abortSignal) => logs().send(new ListTagsForResourceCommand({ resourceArn }), { abortSignal }), [resourceArn]);
  const save = async (put: Tag[], remove: string[]) => {
    if (remove.length > 0) {
      await logs().send(new UntagResourceCommand({ resourceArn, tagKeys: remove }));
    }
    if (put.length > 0) {
      await logs().send(new TagResourceCommand({ resourceArn, tags: Object.fromEntries(put.map((t) => [t.key, t.value])) }));
    }
    await reload();
  };
  return error ? <ProblemAlert error={error} onRetry={() => void reload()} /> : <TagsTable tags={tagsOf(data?.tags)} loading={loading && !data} onSave={save} />;
}
