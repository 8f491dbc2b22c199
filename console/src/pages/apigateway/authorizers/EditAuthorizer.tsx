import { CreateAuthorizerCommand, UpdateAuthorizerCommand, type Authorizer, type AuthorizerType } from '@aws-sdk/client-api-gateway';
import Checkbox from '@cloudscape-design/components/checkbox';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import Tiles from '@cloudscape-design/components/tiles';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { accountId } from '../../../aws/account';
import { apigateway } from '../../../aws/apigateway';
import { getSession } from '../../../aws/session';
import { FormModal } from '../../../components/FormModal';
import { changesOf, draftOf, emptyDraft, incomplete, wireOf, type Draft } from './authorizer';

const types = [
  { value: 'TOKEN', label: 'Lambda, token', description: 'A function looks at the token in one header.' },
  { value: 'REQUEST', label: 'Lambda, request', description: 'A function looks at headers, query and more of the request.' },
  { value: 'COGNITO_USER_POOLS', label: 'Cognito', description: "A user pool's signed tokens are checked here; or those of any OpenID Connect issuer." },
];

interface Props {
  apiId: string;
  /** Without one, a new one is made. */
  authorizer?: Authorizer;
  onDone: () => Promise<void>;
  onClose: () => void;
}

export function EditAuthorizer({ apiId, authorizer, onDone, onClose }: Props) {
  const [draft, setDraft] = useState<Draft>(() => (authorizer ? draftOf(authorizer) : emptyDraft));
  const set = (change: Partial<Draft>) => setDraft((d) => ({ ...d, ...change }));
  const notify = useNotify();
  const missing = incomplete(draft);
  const save = async () => {
    const at = { region: getSession().region, accountId: await accountId() };
    if (authorizer) {
      const patchOperations = changesOf(authorizer, draft, at);
      await apigateway().send(new UpdateAuthorizerCommand({ restApiId: apiId, authorizerId: authorizer.id, patchOperations }));
    } else {
      await apigateway().send(new CreateAuthorizerCommand({ restApiId: apiId, ...wireOf(draft, at) }));
    }
    await onDone();
    notify.success(`Authorizer ${draft.name} was ${authorizer ? 'changed. Stages use it after the next deployment.' : 'created. Methods can name it now.'}`);
  };
  return (
    <FormModal title={authorizer ? `Edit authorizer ${authorizer.name}` : 'Create authorizer'} submitText={authorizer ? 'Save' : 'Create'} size="large" incomplete={!!missing} onSubmit={save} onClose={onClose}>
      <FormField label="Authorizer name">
        <Input value={draft.name} onChange={(e) => set({ name: e.detail.value })} spellcheck={false} autoFocus />
      </FormField>
      <FormField label="Authorizer type" stretch>
        <Tiles ariaLabel="Authorizer type" columns={3} value={draft.type} items={types} onChange={(e) => set({ type: e.detail.value as AuthorizerType })} />
      </FormField>
      {draft.type === 'COGNITO_USER_POOLS' ? <CognitoFields draft={draft} set={set} /> : <LambdaFields draft={draft} set={set} />}
      {draft.type === 'REQUEST' ? <Sources draft={draft} set={set} /> : <TokenFields draft={draft} set={set} />}
      <Checkbox checked={draft.caching} onChange={(e) => set({ caching: e.detail.checked })} description="An answer is used again for requests with the same identity.">
        Authorizer caching
      </Checkbox>
      {draft.caching && (
        <FormField label="TTL" description="In seconds, at most 3600.">
          <Input value={draft.ttl} onChange={(e) => set({ ttl: e.detail.value })} inputMode="numeric" type="number" />
        </FormField>
      )}
    </FormModal>
  );
}

interface FieldsProps {
  draft: Draft;
  set: (change: Partial<Draft>) => void;
}

function LambdaFields({ draft, set }: FieldsProps) {
  return (
    <SpaceBetween size="m">
      <FormField label="Lambda function" description="Its name or ARN; may hold ${stageVariables.name}." constraintText="The server calls it where --lambda or --lambda-endpoint says." stretch>
        <Input value={draft.lambda} onChange={(e) => set({ lambda: e.detail.value })} spellcheck={false} placeholder="my-authorizer" />
      </FormField>
      <FormField label="Lambda invoke role - optional" stretch>
        <Input value={draft.role} onChange={(e) => set({ role: e.detail.value })} spellcheck={false} placeholder="arn:aws:iam::000000000000:role/invoke" />
      </FormField>
    </SpaceBetween>
  );
}

function CognitoFields({ draft, set }: FieldsProps) {
  return (
    <FormField label="User pools" description="One ARN a line; or the URL of an issuer of tokens with OpenID Connect discovery." stretch>
      <Textarea value={draft.providers.join('\n')} rows={3} spellcheck={false} onChange={(e) => set({ providers: e.detail.value.split('\n') })} placeholder="arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_abc" />
    </FormField>
  );
}

function TokenFields({ draft, set }: FieldsProps) {
  return (
    <SpaceBetween size="m">
      <FormField label="Token source" description="The header that holds the token.">
        <Input value={draft.header} onChange={(e) => set({ header: e.detail.value.trim() })} spellcheck={false} />
      </FormField>
      <FormField
        label="Token validation - optional"
        description={draft.type === 'TOKEN' ? 'A regular expression; tokens that do not match are refused without a call of the function.' : 'A regular expression for the aud of tokens.'}
      >
        <Input value={draft.validation} onChange={(e) => set({ validation: e.detail.value })} spellcheck={false} placeholder="^Bearer .+" />
      </FormField>
    </SpaceBetween>
  );
}

function Sources({ draft, set }: FieldsProps) {
  return (
    <FormField
      label="Identity sources"
      description="One a line: method.request.header.name, method.request.querystring.name, stageVariables.name or context.name. A request that lacks one is refused."
      stretch
    >
      <Textarea value={draft.sources.join('\n')} rows={3} spellcheck={false} onChange={(e) => set({ sources: e.detail.value.split('\n') })} />
    </FormField>
  );
}
