import { DeleteQueryDefinitionCommand, DescribeQueryDefinitionsCommand, PutQueryDefinitionCommand, type QueryDefinition } from '@aws-sdk/client-cloudwatch-logs';
import { logs } from '../../aws/logs';

/** Every saved query, by name. */
export async function listDefinitions(abortSignal: AbortSignal): Promise<QueryDefinition[]> {
  const found: QueryDefinition[] = [];
  let nextToken: string | undefined;
  do {
    const page: { queryDefinitions?: QueryDefinition[]; nextToken?: string } = await logs().send(
      new DescribeQueryDefinitionsCommand({ maxResults: 1000, nextToken }), { abortSignal },
    );
    found.push(...(page.queryDefinitions ?? []));
    nextToken = page.nextToken;
  } while (nextToken);
  return found.sort((a, b) => (a.name ?? '').localeCompare(b.name ?? ''));
}

interface Definition {
  name: string;
  text: string;
  groups: readonly string[];
  /** Of the saved query that this one takes the place of. */
  id?: string;
}

export async function saveDefinition({ name, text, groups, id }: Definition): Promise<void> {
  await logs().send(new PutQueryDefinitionCommand({ name, queryString: text, logGroupNames: [...groups], queryDefinitionId: id }));
}

export async function deleteDefinition(queryDefinitionId: string): Promise<void> {
  await logs().send(new DeleteQueryDefinitionCommand({ queryDefinitionId }));
}
