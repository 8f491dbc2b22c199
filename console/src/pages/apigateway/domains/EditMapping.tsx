import { CreateBasePathMappingCommand, UpdateBasePathMappingCommand, type BasePathMapping } from '@aws-sdk/client-api-gateway';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useState } from 'react';
import { useNotify } from '../../../app/notifications';
import { apigateway } from '../../../aws/apigateway';
import { FormModal } from '../../../components/FormModal';
import { StageSelect } from '../StageSelect';

const none = '(none)';

/** A base path and the stage that it leads to: a new mapping, or one that is changed. */
export function EditMapping({ domainName, mapping, onDone, onClose }: { domainName: string; mapping?: BasePathMapping; onDone: () => Promise<void>; onClose: () => void }) {
  const [path, setPath] = useState(!mapping?.basePath || mapping.basePath === none ? '' : mapping.basePath);
  const [at, setAt] = useState({ apiId: mapping?.restApiId ?? '', stageName: mapping?.stage ?? '' });
  const notify = useNotify();
  const save = async () => {
    if (mapping) {
      const wanted: [path: string, was: string, is: string][] = [
        ['/basePath', mapping.basePath ?? none, path || none], ['/restapiId', mapping.restApiId ?? '', at.apiId], ['/stage', mapping.stage ?? '', at.stageName],
      ];
      const patchOperations = wanted.filter(([, was, is]) => was !== is).map(([name, , value]) => ({ op: 'replace' as const, path: name, value }));
      await apigateway().send(new UpdateBasePathMappingCommand({ domainName, basePath: mapping.basePath, patchOperations }));
    } else {
      await apigateway().send(new CreateBasePathMappingCommand({ domainName, basePath: path || undefined, restApiId: at.apiId, stage: at.stageName || undefined }));
    }
    await onDone();
    notify.success(`https://${domainName}/${path} leads to ${at.apiId}${at.stageName && `/${at.stageName}`}.`);
  };
  return (
    <FormModal title={mapping ? 'Edit API mapping' : 'Add API mapping'} submitText="Save" incomplete={!at.apiId} onSubmit={save} onClose={onClose}>
      <FormField label="Base path - optional" constraintText="The first segment of the URL's path; empty for every path that no other mapping has.">
        <Input value={path} onChange={(e) => setPath(e.detail.value.trim().replace(/^\/+|\/+$/g, ''))} spellcheck={false} placeholder="notes" />
      </FormField>
      <StageSelect value={at} onChange={setAt} anyStage="Named by the next segment of the path" />
    </FormModal>
  );
}
