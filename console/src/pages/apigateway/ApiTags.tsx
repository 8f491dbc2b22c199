import { TagResourceCommand, UntagResourceCommand } from '@aws-sdk/client-api-gateway';
import { apigateway } from '../../aws/apigateway';
import { getSession } from '../../aws/session';
import { tagsOf, type Tag } from '../../components/tags';
import { TagsTable } from '../../components/TagsTable';

interface Props {
  /** Below the service, such as /restapis/abc123/stages/prod. */
  path: string;
  tags: Record<string, string> | undefined;
  reload: () => Promise<void>;
}

/** The tags of an API or a stage. */
export function ApiTags({ path, tags, reload }: Props) {
  const save = async (put: Tag[], remove: string[]) => {
    const resourceArn = `arn:aws:apigateway:${getSession().region}::${path}`;
    if (remove.length > 0) {
      await apigateway().send(new UntagResourceCommand({ resourceArn, tagKeys: remove }));
    }
    if (put.length > 0) {
      await apigateway().send(new TagResourceCommand({ resourceArn, tags: Object.fromEntries(put.map((t) => [t.key, t.value])) }));
    }
    await reload();
  };
  return <TagsTable tags={tagsOf(tags)} onSave={save} />;
}
