import { UpdateStageCommand, type PatchOperation, type Stage } from '@aws-sdk/client-api-gateway';
import { apigateway } from '../../../aws/apigateway';

/** A stage as its tabs get it. */
export interface StageProps {
  apiId: string;
  stage: Stage;
  reload: () => Promise<void>;
}

/** Changes a stage, if there is anything to change, and reads it anew. */
export async function patchStage({ apiId, stage, reload }: StageProps, ...patchOperations: PatchOperation[]): Promise<void> {
  if (patchOperations.length > 0) {
    await apigateway().send(new UpdateStageCommand({ restApiId: apiId, stageName: stage.stageName, patchOperations }));
    await reload();
  }
}

/** The log group of the stage's execution logs. */
export function executionGroup(apiId: string, stageName: string): string {
  return `API-Gateway-Execution-Logs_${apiId}/${stageName}`;
}
