// A stage's canary as forms edit it. Pure.
import type { CanarySettings, DeploymentCanarySettings, PatchOperation } from '@aws-sdk/client-api-gateway';
import { mapOf, rowsOf, twice, type Row } from '../../../components/rows';
import { mapPatch, valuePatch } from '../patch';

export interface CanaryDraft {
  percent: string;
  useStageCache: boolean;
  overrides: Row<string>[];
}

export function canaryDraft(canary: CanarySettings | undefined): CanaryDraft {
  return {
    percent: String(canary?.percentTraffic ?? 10),
    useStageCache: canary?.useStageCache ?? false,
    overrides: rowsOf(canary?.stageVariableOverrides),
  };
}

/** Why a canary cannot be saved, or undefined. */
export function canaryProblem({ percent, overrides }: CanaryDraft): string | undefined {
  const share = Number(percent);
  if (percent.trim() === '' || !(share >= 0 && share <= 100)) {
    return 'Enter a share from 0 to 100 percent.';
  }
  if (overrides.some((o) => !/^\w+$/.test(o.name))) {
    return 'Each stage variable needs a name of letters, digits and _.';
  }
  return twice(overrides) && 'A stage variable can be named once.';
}

/** What CreateDeployment is told. */
export function deploymentCanary({ percent, useStageCache, overrides }: CanaryDraft): DeploymentCanarySettings {
  return { percentTraffic: Number(percent), useStageCache, stageVariableOverrides: mapOf(overrides) };
}

/** What makes a canary, or turns it into what the form says. */
export function canaryPatches(was: CanarySettings | undefined, is: CanaryDraft): PatchOperation[] {
  const at = '/canarySettings';
  return [
    ...valuePatch(`${at}/percentTraffic`, was?.percentTraffic, Number(is.percent)),
    ...valuePatch(`${at}/useStageCache`, was?.useStageCache ?? false, is.useStageCache),
    ...mapPatch(`${at}/stageVariableOverrides`, was?.stageVariableOverrides, mapOf(is.overrides)),
  ];
}

export interface Promotion {
  deployment: boolean;
  variables: boolean;
  /** What becomes of the canary: it stays and gets no requests, or it goes. */
  after: 'keep' | 'delete';
}

/** What makes the canary's the stage's own, in one update. */
export function promotionPatches({ deployment, variables, after }: Promotion): PatchOperation[] {
  return [
    ...(deployment ? [{ op: 'copy' as const, path: '/deploymentId', from: '/canarySettings/deploymentId' }] : []),
    ...(variables ? [{ op: 'copy' as const, path: '/variables', from: '/canarySettings/stageVariableOverrides' }] : []),
    after === 'keep' ? { op: 'replace', path: '/canarySettings/percentTraffic', value: '0.0' } : { op: 'remove', path: '/canarySettings' },
  ];
}
