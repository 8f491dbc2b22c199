import { paginateGetVpcLinks } from '@aws-sdk/client-api-gateway';
import Autosuggest from '@cloudscape-design/components/autosuggest';
import FormField from '@cloudscape-design/components/form-field';
import { apigateway } from '../../../aws/apigateway';
import { problemOf } from '../../../aws/errors';
import { itemsOf } from '../../../aws/pages';
import { useLoad } from '../../../aws/useLoad';

/** A VPC link, by its ID or by a stage variable. */
export function VpcLinkField({ value, onChange }: { value: string; onChange: (id: string) => void }) {
  const { data, error, loading, reload } = useLoad((abortSignal) => itemsOf(paginateGetVpcLinks({ client: apigateway() }, { limit: 500 }, { abortSignal })), []);
  const name = data?.find((link) => link.id === value)?.name;
  return (
    <FormField label="VPC link" description="Connections are made to its target. May be ${stageVariables.name}." constraintText={name}>
      <Autosuggest
        value={value}
        onChange={(e) => onChange(e.detail.value.trim())}
        options={(data ?? []).map((link) => ({ value: link.id, label: link.id, description: link.name }))}
        enteredTextLabel={(text) => `Use ${text}`}
        statusType={error !== undefined ? 'error' : loading ? 'loading' : 'finished'}
        loadingText="Loading VPC links"
        errorText={error === undefined ? undefined : problemOf(error).message}
        recoveryText="Try again"
        onLoadItems={() => error !== undefined && void reload()}
        empty="There is no VPC link in this region"
        placeholder="VPC link ID"
        ariaLabel="VPC link"
        ariaRequired
      />
    </FormField>
  );
}
