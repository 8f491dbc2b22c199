import Box from '@cloudscape-design/components/box';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Toggle from '@cloudscape-design/components/toggle';
import { TextRows } from '../../../components/RowsEditor';
import { canaryProblem, type CanaryDraft } from './canary';

/** How many requests go to a canary, and what they find there. */
export function CanaryFields({ draft, onChange }: { draft: CanaryDraft; onChange: (change: Partial<CanaryDraft>) => void }) {
  return (
    <SpaceBetween size="m">
      <FormField label="Requests to the canary" description="In percent; each request is drawn by lot.">
        <Input value={draft.percent} onChange={(e) => onChange({ percent: e.detail.value.trim() })} inputMode="decimal" />
      </FormField>
      <FormField label="Stage variable overrides" description="What the canary has in place of the stage's variables." stretch>
        <TextRows what="override" valueLabel="Value" rows={draft.overrides} onChange={(overrides) => onChange({ overrides })} />
      </FormField>
      <Toggle checked={draft.useStageCache} onChange={(e) => onChange({ useStageCache: e.detail.checked })}>Use the stage&apos;s cache</Toggle>
      <Box color="text-status-warning">{canaryProblem(draft)}</Box>
    </SpaceBetween>
  );
}
