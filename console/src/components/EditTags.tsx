import AttributeEditor from '@cloudscape-design/components/attribute-editor';
import Box from '@cloudscape-design/components/box';
import Input from '@cloudscape-design/components/input';
import { useState } from 'react';
import { FormModal } from './FormModal';
import { changesOf, tagsProblem, type Tag } from './tags';

interface Props {
  tags: readonly Tag[];
  onSave: (put: Tag[], remove: string[]) => Promise<unknown>;
  onClose: () => void;
}

const most = 50; // of one resource, as AWS has it

export function EditTags({ tags, onSave, onClose }: Props) {
  const [draft, setDraft] = useState<readonly Tag[]>(tags);
  const set = (index: number, change: Partial<Tag>) => setDraft(draft.map((t, i) => (i === index ? { ...t, ...change } : t)));
  const problem = tagsProblem(draft);
  const save = async () => {
    const { put, remove } = changesOf(tags, draft);
    await onSave(put, remove);
  };
  return (
    <FormModal title="Manage tags" submitText="Save" incomplete={problem !== undefined} onSubmit={save} onClose={onClose}>
      <AttributeEditor
        items={draft}
        definition={[
          { label: 'Key', control: (tag: Tag, i) => <Input ariaLabel={`Key ${i + 1}`} value={tag.key} onChange={(e) => set(i, { key: e.detail.value })} spellcheck={false} /> },
          { label: 'Value', control: (tag: Tag, i) => <Input ariaLabel={`Value ${i + 1}`} value={tag.value} onChange={(e) => set(i, { value: e.detail.value })} spellcheck={false} /> },
        ]}
        addButtonText="Add tag"
        removeButtonText="Remove"
        removeButtonAriaLabel={(tag) => `Remove ${tag.key}`}
        disableAddButton={draft.length >= most}
        onAddButtonClick={() => setDraft([...draft, { key: '', value: '' }])}
        onRemoveButtonClick={(e) => setDraft(draft.filter((_, i) => i !== e.detail.itemIndex))}
        empty="No tags."
      />
      <Box color="text-status-warning">{draft.length > 0 ? problem : ''}</Box>
    </FormModal>
  );
}
