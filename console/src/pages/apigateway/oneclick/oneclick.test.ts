import { describe, expect, test } from 'vitest';
import { enableSteps } from './enable';
import { groupOfArn, logGroupArn } from '../../../aws/arn';
import { writesLogs, type Found } from './found';
import { undoSteps } from './undo';

const nothing: Found = {
  region: 'us-east-1', accountId: '000000000000', apiId: 'abc', stageName: 'prod', roleName: 'APIGatewayCloudWatchLogs',
  accountRoleArn: '', destinationArn: '', format: '', stageMarked: false,
};
const arn = 'arn:aws:iam::000000000000:role/APIGatewayCloudWatchLogs';
const ours = { destinationArn: logGroupArn(nothing, 'API-Gateway-Access-Logs_abc/prod'), format: 'F', stageMarked: true };
const all: Found = { ...nothing, ...ours, accountRoleArn: arn, role: { arn, attached: true, done: ['role', 'policy', 'account/us-east-1'] } };

const create = 'Create role APIGatewayCloudWatchLogs that API Gateway may assume';
const attach = 'Attach AmazonAPIGatewayPushToCloudWatchLogs to role APIGatewayCloudWatchLogs';
const setting = "Set role APIGatewayCloudWatchLogs in API Gateway's settings";
const on = 'Turn on access logs of abc/prod to log group API-Gateway-Access-Logs_abc/prod';
const off = 'Turn off access logs of abc/prod';
const clear = "Clear role APIGatewayCloudWatchLogs from API Gateway's settings";
const detach = 'Detach AmazonAPIGatewayPushToCloudWatchLogs from role APIGatewayCloudWatchLogs';
const remove = 'Delete role APIGatewayCloudWatchLogs';
const untag = 'Remove tag tollbook:access-logs from role APIGatewayCloudWatchLogs';

const whats = (steps: { what: string }[]) => steps.map((s) => s.what);

describe('enableSteps', () => {
  test.each<[string, Found, string[]]>([
    ['nothing there', nothing, [create, attach, setting, on]],
    ['a role without the policy', { ...nothing, role: { arn, attached: false, done: [] } }, [attach, setting, on]],
    ['a whole role', { ...nothing, role: { arn, attached: true, done: [] } }, [setting, on]],
    ["somebody's own role in the settings", { ...nothing, accountRoleArn: 'arn:aws:iam::000000000000:role/theirs' }, [on]],
    ['all there', all, []],
    ['all there, with a line break', { ...all, format: 'F\n' }, []],
    ['another format of ours', { ...all, format: 'old' }, [on]],
    ['the same, set by hand', { ...all, stageMarked: false }, []],
  ])('%s', (_, found, want) => expect(whats(enableSteps(found, 'F'))).toEqual(want));
  test("leaves somebody's own access logs alone", () => {
    expect(() => enableSteps({ ...all, stageMarked: false, format: 'theirs' }, 'F')).toThrow(/already writes access logs/);
  });
});

describe('undoSteps', () => {
  test.each<[string, Found, boolean, string[]]>([
    ['everything was ours', all, false, [off, clear, detach, remove]],
    ['others log with it', all, true, [off]],
    ['nothing was ours', { ...all, stageMarked: false, role: { arn, attached: true, done: [] } }, false, []],
    ['only the stage was ours', { ...all, role: undefined }, false, [off]],
    ['the setting was changed since', { ...all, accountRoleArn: 'other' }, false, [off, detach, remove]],
    ['in use in another region', { ...all, role: { ...all.role!, done: ['role', 'policy', 'account/us-east-1', 'account/eu-west-1'] } }, false, [off, clear]],
    ['the role was there before', { ...all, role: { ...all.role!, done: ['policy', 'account/us-east-1'] } }, false, [off, clear, detach, untag]],
    ['the policy was there before', { ...all, role: { ...all.role!, done: ['account/us-east-1'] } }, false, [off, clear, untag]],
  ])('%s', (_, found, others, want) => expect(whats(undoSteps(found, others))).toEqual(want));
});

test('writesLogs', () => {
  const access = { accessLogSettings: { destinationArn: 'arn' } };
  expect(writesLogs(access, false)).toBe(true);
  expect(writesLogs(access, true)).toBe(false);
  expect(writesLogs({ methodSettings: { '*/*': { loggingLevel: 'INFO' } } }, true)).toBe(true);
  expect(writesLogs({ methodSettings: { '*/*': { loggingLevel: 'OFF' }, 'a/GET': {} } }, false)).toBe(false);
});

test('groupOfArn', () => {
  expect(groupOfArn('arn:aws:logs:us-east-1:000000000000:log-group:a/b')).toBe('a/b');
  expect(groupOfArn('arn:aws:logs:us-east-1:000000000000:log-group:a/b:*')).toBe('a/b');
  expect(groupOfArn('arn:aws:iam::000000000000:role/x')).toBe('');
});
