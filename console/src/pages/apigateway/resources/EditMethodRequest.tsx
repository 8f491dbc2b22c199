import { CreateRequestValidatorCommand, UpdateMethodCommand, type Method } from '@aws-sdk/client-api-gateway';
import Checkbox from '@cloudscape-design/components/checkbox';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { useLoad } from '../../../aws/useLoad';
import { FormModal } from '../../../components/FormModal';
import { Loading } from '../../../components/Loading';
import { ProblemAlert } from '../../../components/Problem';
import { twice, type Row } from '../../../components/rows';
import { RowsEditor } from '../../../components/RowsEditor';
import { listAuthorizers, listModels, listValidators } from '../parts';
import type { MethodAt } from './method';
import { changesOf, draftOf, offeredValidators, standardValidators, type MethodDraft } from './methodRequest';

interface Props {
  at: MethodAt;
  method: Method;
  onDone: () => Promise<void>;
  onClose: () => void;
}

async function load(apiId: string, signal: AbortSignal) {
  const [authorizers, validators, models] = await Promise.all([listAuthorizers(apiId, signal), listValidators(apiId, signal), listModels(apiId, signal)]);
  return { authorizers, validators, models };
}

/** Who may call a method, and what a request has to bring. */
export function EditMethodRequest({ at, method, onDone, onClose }: Props) {
  const [draft, setDraft] = useState<MethodDraft>(() => draftOf(method));
  const set = (change: Partial<MethodDraft>) => setDraft((d) => ({ ...d, ...change }));
  const { data, error, reload } = useLoad((signal) => load(at.restApiId, signal), [at.restApiId]);
  const notify = useNotify();
  const authorizers = data?.authorizers ?? [];
  const changes = changesOf(method, draft, authorizers);
  const save = async () => {
    const standard = standardValidators.find((v) => v.id === draft.validator);
    const validator = standard ? await createValidator(at.restApiId, standard) : draft.validator;
    await apigateway().send(new UpdateMethodCommand({ ...at, patchOperations: changesOf(method, { ...draft, validator }, authorizers) }));
    await onDone();
    notify.success('The method request was changed. Stages follow after the next deployment.');
  };
  const wrong = twice([...draft.query, ...draft.headers]) ?? twice(draft.models);
  return (
    <FormModal title="Edit method request" submitText="Save" size="large" incomplete={!data || changes.length === 0 || !!wrong} onSubmit={save} onClose={onClose}>
      <ProblemAlert error={error} onRetry={() => void reload()} />
      {!data && !error && <Loading />}
      {data && <Fields draft={draft} set={set} {...data} />}
    </FormModal>
  );
}

async function createValidator(restApiId: string, { id: _, ...validator }: (typeof standardValidators)[number]): Promise<string> {
  const { id = '' } = await apigateway().send(new CreateRequestValidatorCommand({ restApiId, ...validator }));
  return id;
}

function Fields({ draft, set, authorizers, validators, models }: { draft: MethodDraft; set: (change: Partial<MethodDraft>) => void } & Awaited<ReturnType<typeof load>>) {
  const authorizations = [{ value: 'NONE', label: 'None' }, { value: 'AWS_IAM', label: 'AWS IAM' }, ...authorizers.map((a) => ({ value: a.id!, label: a.name!, description: `Authorizer, ${a.type}` }))];
  const checks = [{ value: '', label: 'None' }, ...offeredValidators(validators).map((v) => ({ value: v.id!, label: v.name! }))];
  const cognito = authorizers.find((a) => a.id === draft.authorization)?.type === 'COGNITO_USER_POOLS';
  return (
    <SpaceBetween size="m">
      <FormField label="Authorization">
        <Select
          ariaLabel="Authorization"
          selectedOption={authorizations.find((o) => o.value === draft.authorization) ?? { value: draft.authorization }}
          options={authorizations}
          onChange={(e) => set({ authorization: e.detail.selectedOption.value! })}
        />
      </FormField>
      {cognito && (
        <FormField label="Authorization scopes - optional" description="Separated by commas. With scopes access tokens are expected, without them ID tokens.">
          <Input value={draft.scopes.join(', ')} onChange={(e) => set({ scopes: e.detail.value.split(/, */) })} spellcheck={false} />
        </FormField>
      )}
      <FormField label="Request validator" description="What is checked before the integration is called; others get status 400.">
        <Select
          ariaLabel="Request validator"
          selectedOption={checks.find((o) => o.value === draft.validator) ?? { value: draft.validator }}
          options={checks}
          onChange={(e) => set({ validator: e.detail.selectedOption.value! })}
        />
      </FormField>
      <Checkbox checked={draft.apiKey} onChange={(e) => set({ apiKey: e.detail.checked })} description="Of a usage plan that has the stage.">
        API key required
      </Checkbox>
      <FormField label="Operation name - optional">
        <Input value={draft.operationName} onChange={(e) => set({ operationName: e.detail.value })} placeholder="GetNotes" spellcheck={false} />
      </FormField>
      <Parameters label="URL query string parameters" what="query string" rows={draft.query} onChange={(query) => set({ query })} />
      <Parameters label="HTTP request headers" what="header" rows={draft.headers} onChange={(headers) => set({ headers })} />
      <ExpandableSection headerText={`Request body (${draft.models.length})`} defaultExpanded={draft.models.length > 0}>
        <RowsEditor
          what="model"
          rows={draft.models}
          onChange={(rows) => set({ models: rows })}
          nameLabel="Content type"
          namePlaceholder="application/json"
          valueLabel="Model"
          fresh={models[0]?.name ?? 'Empty'}
          value={(value, change, label) => (
            <Select ariaLabel={label} selectedOption={{ value }} options={models.map((m) => ({ value: m.name!, description: m.description }))} onChange={(e) => change(e.detail.selectedOption.value!)} />
          )}
        />
      </ExpandableSection>
    </SpaceBetween>
  );
}

function Parameters({ label, what, rows, onChange }: { label: string; what: string; rows: Row<boolean>[]; onChange: (rows: Row<boolean>[]) => void }) {
  return (
    <ExpandableSection headerText={`${label} (${rows.length})`} defaultExpanded={rows.length > 0}>
      <RowsEditor
        what={what}
        rows={rows}
        onChange={onChange}
        valueLabel="Required"
        fresh={false}
        value={(value, change, name) => <Checkbox ariaLabel={name} checked={value} onChange={(e) => change(e.detail.checked)} />}
      />
    </ExpandableSection>
  );
}
