// Log deliveries of a stage's execution log: made, changed and deleted in the stage's Logs tab.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DescribeDeliveryDestinationsCommand, DescribeDeliverySourcesCommand, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { look, tollbook } from './apigateway_kit.mjs';
import { logsClient, openPage, startBrowser, startServer } from './harness.mjs';

let server, browser, page, api, logs;

before(async () => {
  [server, browser] = await Promise.all([startServer('--sample'), startBrowser()]);
  api = server.sample;
  logs = logsClient(server);
  await tollbook(server, 'access-logs', 'enable', '--api', api, '--stage', 'prod');
  page = await openPage(browser, server, `/console/apigateway/apis/${api}/stages/prod?tab=logs`);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const button = (name) => page.getByRole('button', { name, exact: true });
const dialog = (name) => page.getByRole('dialog', { name });
const rows = () => page.getByRole('table', { name: 'Log deliveries' }).getByRole('row');

/** The first event of a log group after a request. */
async function delivered(logGroupName) {
  await fetch(`${server.gateway}/${api}/prod/notes`);
  for (;;) {
    const { events } = await logs.send(new FilterLogEventsCommand({ logGroupName, limit: 1 }));
    if (events.length > 0) {
      return events[0].message;
    }
  }
}

test('without execution logs there is nothing to deliver', async () => {
  await page.getByText('without them there is nothing to deliver').waitFor();
  await page.getByRole('radio', { name: 'Errors and info logs' }).check();
  await button('Save execution logs and metrics').click();
  await page.getByText('Execution logs and metrics of stage prod were changed.').waitFor();
});

test('as JSON, with some of the fields', async () => {
  await button('Create delivery').click();
  const form = dialog('Create delivery');
  await form.getByRole('button', { name: 'Leave out resource_arn' }).click();
  await look(page, 'delivery-create');
  await form.getByRole('button', { name: 'Create delivery' }).click();
  const row = rows().filter({ hasText: `/aws/vendedlogs/apigateway/${api}/prod` });
  await row.getByText('event_timestamp, api_id, stage, resource_path, http_method, payload').waitFor();
  await look(page, 'deliveries');
  const line = JSON.parse(await delivered(`/aws/vendedlogs/apigateway/${api}/prod`));
  assert.deepEqual(Object.keys(line).sort(), ['api_id', 'event_timestamp', 'http_method', 'payload', 'resource_path', 'stage']);
});

test('as text; the same twice is refused', async () => {
  for (const again of [false, true]) {
    await button('Create delivery').click();
    const form = dialog('Create delivery');
    await form.getByLabel('Destination log group').fill('/mine');
    await form.getByRole('radio', { name: 'Plain text' }).check();
    await form.getByRole('button', { name: /Field delimiter/ }).click();
    await page.getByRole('option', { name: 'Bar' }).click();
    await form.getByRole('button', { name: 'Create delivery' }).click();
    if (again) {
      await form.getByText('A Delivery from the Delivery Source to the Delivery Destination already exists.').waitFor();
      await look(page, 'delivery-refused');
      await form.getByRole('button', { name: 'Cancel' }).click();
    }
    await form.waitFor({ state: 'detached' });
  }
  assert.match(await delivered('/mine'), /^arn:aws:apigateway:.*\|prod\|\/notes\|GET\|/);
});

test('changed, deleted', async () => {
  await button('Edit delivery to /mine').click();
  const form = dialog('Edit delivery');
  for (const field of ['resource_arn', 'event_timestamp', 'api_id', 'stage']) {
    await form.getByRole('button', { name: `Leave out ${field}` }).click();
  }
  await form.getByRole('button', { name: 'Save' }).click();
  await rows().filter({ hasText: '/mine' }).getByText('resource_path, http_method, payload', { exact: true }).waitFor();
  for (const group of ['/mine', `/aws/vendedlogs/apigateway/${api}/prod`]) {
    await button(`Delete delivery to ${group}`).click();
    await dialog('Delete delivery').getByRole('textbox').fill('delete');
    await page.keyboard.press('Enter');
    await page.getByText(`The delivery to ${group} was deleted.`).waitFor();
  }
  await page.getByText('No deliveries').waitFor();
  const left = await Promise.all([logs.send(new DescribeDeliverySourcesCommand({})), logs.send(new DescribeDeliveryDestinationsCommand({}))]);
  assert.deepEqual([left[0].deliverySources, left[1].deliveryDestinations], [[], []]);
  await page.clean(/400 \(Bad Request\)/);
});
