import type { Resource } from '@aws-sdk/client-api-gateway';

/** A resource with what is below it, or one of its methods. */
export interface Node {
  id: string;
  label: string;
  resource: Resource;
  method?: string;
  children: Node[];
}

/** The resources as the tree that their parents make; a resource's methods come before the resources below it. */
export function treeOf(resources: Resource[]): Node[] {
  const below = (parentId: string | undefined): Node[] =>
    resources.filter((r) => r.parentId === parentId).map((resource) => ({
      id: resource.id!,
      label: resource.pathPart ? `/${resource.pathPart}` : '/',
      resource,
      children: [...methodsOf(resource), ...below(resource.id)],
    }));
  return below(undefined);
}

function methodsOf(resource: Resource): Node[] {
  return Object.keys(resource.resourceMethods ?? {})
    .sort()
    .map((method) => ({ id: `${resource.id}/${method}`, label: method, resource, method, children: [] }));
}
