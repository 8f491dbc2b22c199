import type { Resource } from '@aws-sdk/client-api-gateway';
import TreeView from '@cloudscape-design/components/tree-view';
import { useState } from 'react';
import { Link } from '../../../components/Link';
import { resourcesPath } from '../paths';
import { treeOf, type Node } from './tree';

interface Props {
  apiId: string;
  resources: Resource[];
  /** What is chosen. */
  resourceId?: string;
  method?: string;
}

/** Resources and their methods; open until somebody closes a branch. */
export function ResourceTree({ apiId, resources, resourceId, method }: Props) {
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const chosen = method ? `${resourceId}/${method}` : resourceId;
  const text = (node: Node) =>
    node.id === chosen ? (
      <b aria-current="page">{node.label}</b>
    ) : (
      <Link to={resourcesPath(apiId, node.resource.id, node.method)} ariaLabel={node.method ? `${node.method} ${node.resource.path}` : node.resource.path}>
        {node.label}
      </Link>
    );
  return (
    <TreeView<Node>
      ariaLabel="Resources"
      items={treeOf(resources)}
      getItemId={(node) => node.id}
      getItemChildren={(node) => (node.children.length > 0 ? node.children : undefined)}
      expandedItems={resources.map((r) => r.id!).filter((id) => !closed.has(id))}
      onItemToggle={(e) => {
        const next = new Set(closed);
        if (e.detail.expanded) {
          next.delete(e.detail.id);
        } else {
          next.add(e.detail.id);
        }
        setClosed(next);
      }}
      renderItem={(node) => ({ content: text(node), announcementLabel: node.method ? `${node.method} ${node.resource.path}` : node.resource.path })}
    />
  );
}
