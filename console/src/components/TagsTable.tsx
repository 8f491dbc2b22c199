import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import { Empty } from './Empty';
import { lazily } from './lazily';
import type { Tag } from './tags';

const EditTags = lazily(() => import('./EditTags'), 'EditTags');

interface Props {
  tags: readonly Tag[];
  loading?: boolean;
  /** Puts and removes; resolves when the tags shown are the new ones. */
  onSave: (put: Tag[], remove: string[]) => Promise<unknown>;
}

/** The tags of something, which can be changed. */
export function TagsTable({ tags, loading = false, onSave }: Props) {
  const [editing, setEditing] = useState(false);
  const edit = <Button onClick={() => setEditing(true)} disabled={loading}>Manage tags</Button>;
  return (
    <>
      <Table
        items={tags}
        trackBy="key"
        loading={loading}
        loadingText="Loading tags"
        columnDefinitions={[
          { id: 'key', header: 'Key', isRowHeader: true, cell: (tag) => tag.key },
          { id: 'value', header: 'Value', cell: (tag) => tag.value || '-' },
        ]}
        ariaLabels={{ tableLabel: 'Tags' }}
        header={<Header variant="h2" counter={`(${tags.length})`} actions={edit}>Tags</Header>}
        empty={<Empty title="No tags">A tag is a key and a value of your own, to tell things apart by.</Empty>}
      />
      {editing && <EditTags tags={tags} onSave={onSave} onClose={() => setEditing(false)} />}
    </>
  );
}
