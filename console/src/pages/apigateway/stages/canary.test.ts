import { expect, test } from 'vitest';
import { canaryDraft, canaryPatches, canaryProblem, deploymentCanary, promotionPatches } from './canary';

const canary = { percentTraffic: 12.5, stageVariableOverrides: { b: '2', a: '1' }, useStageCache: true };

test('a canary goes into the form and out of it', () => {
  expect(canaryDraft(canary)).toEqual({ percent: '12.5', useStageCache: true, overrides: [{ name: 'a', value: '1' }, { name: 'b', value: '2' }] });
  expect(deploymentCanary(canaryDraft(canary))).toEqual(canary);
  expect(canaryPatches(canary, canaryDraft(canary))).toEqual([]);
});

test('only what changed is patched; the first setting makes the canary', () => {
  expect(canaryPatches(undefined, canaryDraft(undefined))).toEqual([{ op: 'replace', path: '/canarySettings/percentTraffic', value: '10' }]);
  expect(canaryPatches(canary, { percent: '12.50', useStageCache: false, overrides: [{ name: 'a', value: '9' }] })).toEqual([
    { op: 'replace', path: '/canarySettings/useStageCache', value: 'false' },
    { op: 'remove', path: '/canarySettings/stageVariableOverrides/b' },
    { op: 'replace', path: '/canarySettings/stageVariableOverrides/a', value: '9' },
  ]);
});

test.each([['', []], ['101', []], ['-1', []], ['x', []], ['5', [{ name: 'a b', value: '' }]], ['5', [{ name: 'a', value: '' }, { name: 'a', value: '1' }]]])(
  'percent %j with %j cannot be saved', (percent, overrides) => expect(canaryProblem({ percent, useStageCache: false, overrides })).toBeDefined(),
);

test('promotion copies what is asked for', () => {
  expect(promotionPatches({ deployment: true, variables: true, after: 'keep' })).toEqual([
    { op: 'copy', path: '/deploymentId', from: '/canarySettings/deploymentId' },
    { op: 'copy', path: '/variables', from: '/canarySettings/stageVariableOverrides' },
    { op: 'replace', path: '/canarySettings/percentTraffic', value: '0.0' },
  ]);
  expect(promotionPatches({ deployment: false, variables: false, after: 'delete' })).toEqual([{ op: 'remove', path: '/canarySettings' }]);
});
