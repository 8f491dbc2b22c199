// Dashboards of an API and a stage, metrics and alarms, against what the gateway counted itself.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CloudWatchClient, GetMetricStatisticsCommand, PutMetricAlarmCommand, PutMetricDataCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { look } from './apigateway_kit.mjs';
import { openPage, startBrowser, startServer } from './harness.mjs';

let server, browser, api, client;

before(async () => {
  [server, browser] = await Promise.all([startServer('--sample'), startBrowser()]);
  api = server.sample;
  client = new CloudWatchClient({ endpoint: server.api, region: 'us-east-1', credentials: { accessKeyId: 'any', secretAccessKey: 'any' } });
  for (let i = 0; i < 30; i++) {
    await call('/notes');
    if (i % 3 === 0) await call('/none');
  }
  await untilCounted(40);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const call = (path) => fetch(`${server.gateway}/${api}/prod${path}`);

/** The gateway hands its counts over every few seconds. */
async function untilCounted(count) {
  for (let i = 0; i < 600; i++) {
    const { Datapoints } = await client.send(new GetMetricStatisticsCommand({
      Namespace: 'AWS/ApiGateway', MetricName: 'Count', Dimensions: [{ Name: 'ApiName', Value: 'notes' }, { Name: 'Stage', Value: 'prod' }],
      StartTime: new Date(Date.now() - 3_600_000), EndTime: new Date(Date.now() + 60_000), Period: 60, Statistics: ['Sum'],
    }));
    if (Datapoints.reduce((sum, d) => sum + d.Sum, 0) >= count) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  assert.fail('the requests were not counted');
}

const totals = (page) => page.getByRole('group', { name: 'Totals' }).textContent();

test("a stage's dashboard, from its page", async () => {
  const page = await openPage(browser, server, `/console/apigateway/apis/${api}/stages/prod`, { width: 1920, height: 1080 });
  await page.getByRole('tab', { name: 'Dashboard' }).last().click();
  await page.getByRole('img', { name: /^Requests: Requests at most/ }).waitFor();
  await page.getByRole('img', { name: /^Errors: 4xx at most/ }).waitFor();
  await page.getByRole('img', { name: /^Latency: p50 at most .* ms/ }).waitFor();
  assert.match(await totals(page), /^Requests40.*4xx10 \(25\.0 %\).*5xx0 \(0\.0 %\)/);
  await look(page, 'dashboard-stage');
  await page.getByRole('button', { name: /^Time range/ }).click();
  await page.getByRole('radio', { name: 'Last 3 hours' }).check();
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.getByRole('button', { name: 'Refresh metrics' }).click();
  await page.getByRole('img', { name: /^Requests/ }).waitFor();
  await page.clean();
});

test("an API's dashboard, all stages together", async () => {
  const page = await openPage(browser, server, `/console/apigateway/apis/${api}/dashboard`);
  await page.getByRole('heading', { name: 'All stages of notes' }).waitFor();
  await page.getByRole('img', { name: /^Requests/ }).waitFor();
  assert.match(await totals(page), /^Requests40/);
  await look(page, 'dashboard-api');
  await page.clean();
});

test('metrics: found, chosen, drawn', async () => {
  await client.send(new PutMetricDataCommand({ Namespace: 'Mine', MetricData: [{ MetricName: 'Jobs', Value: 7, Timestamp: new Date() }] }));
  const page = await openPage(browser, server, '/console/');
  await page.getByRole('link', { name: 'Metrics', exact: true }).click();
  await page.getByRole('row', { name: /IntegrationLatency/ }).first().waitFor();
  await page.getByLabel('Find metrics').fill('Jobs');
  await page.getByRole('checkbox', { name: /^Jobs/ }).check();
  await page.getByRole('img', { name: /^Average per 1 min: Jobs at most 7$/ }).waitFor();
  await look(page, 'metrics');
  await page.getByRole('button', { name: /^Statistic/ }).click();
  await page.getByRole('option', { name: 'Sum', exact: true }).click();
  await page.getByRole('img', { name: /^Sum per 1 min/ }).waitFor();
  await page.getByRole('button', { name: 'Namespace Every namespace' }).click();
  await page.getByRole('option', { name: 'AWS/ApiGateway' }).click();
  await page.getByText('No metric matches').waitFor();
  await page.clean();
});

test('alarms: state, condition, history', async () => {
  const page = await openPage(browser, server, '/console/metrics/alarms');
  await page.getByText('No alarms').waitFor();
  await look(page, 'alarms-empty');
  await client.send(new PutMetricAlarmCommand({
    AlarmName: 'errors', Namespace: 'AWS/ApiGateway', MetricName: '5XXError', Dimensions: [{ Name: 'ApiName', Value: 'notes' }],
    Statistic: 'Sum', Period: 60, EvaluationPeriods: 1, Threshold: 3, ComparisonOperator: 'GreaterThanThreshold',
  }));
  await client.send(new SetAlarmStateCommand({ AlarmName: 'errors', StateValue: 'ALARM', StateReason: 'tried by hand' }));
  await page.getByRole('button', { name: 'Refresh alarms' }).click();
  await page.getByText('5XXError Sum > 3 for 1 period of 1 min (ApiName notes)').waitFor();
  await page.getByRole('radio', { name: 'errors' }).check();
  await page.getByRole('heading', { name: 'History of errors' }).waitFor();
  await page.getByText(/updated from INSUFFICIENT_DATA to ALARM/).waitFor();
  await look(page, 'alarms');
  await page.clean();
});
