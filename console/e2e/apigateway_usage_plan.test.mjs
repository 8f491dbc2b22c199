// A usage plan with an API key, made by mouse: a method that requires a key answers 403 without, 200 with it, and 429 once
// the quota is used up.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { APIGatewayClient, CreateDeploymentCommand, GetResourcesCommand, UpdateMethodCommand } from '@aws-sdk/client-api-gateway';
import { look } from './apigateway_kit.mjs';
import { openPage, startBrowser, startServer } from './harness.mjs';

let server, browser, page, api, key, planPath;

before(async () => {
  [server, browser] = await Promise.all([startServer('--sample'), startBrowser()]);
  api = server.sample;
  await requireKey();
  page = await openPage(browser, server, '/console/apigateway/keys');
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** GET /notes lets nobody in without a key, from now on. */
async function requireKey() {
  const client = new APIGatewayClient({ endpoint: server.api, region: 'us-east-1', credentials: { accessKeyId: 'any', secretAccessKey: 'any' } });
  const { items } = await client.send(new GetResourcesCommand({ restApiId: api }));
  const resourceId = items.find((r) => r.path === '/notes').id;
  await client.send(new UpdateMethodCommand({ restApiId: api, resourceId, httpMethod: 'GET', patchOperations: [{ op: 'replace', path: '/apiKeyRequired', value: 'true' }] }));
  await client.send(new CreateDeploymentCommand({ restApiId: api, stageName: 'prod' }));
  client.destroy();
}

const call = async (headers = {}) => (await fetch(`${server.gateway}/${api}/prod/notes`, { headers })).status;
const button = (name) => page.getByRole('button', { name, exact: true });
const link = (name) => page.getByRole('link', { name, exact: true });
const tab = (name) => page.getByRole('tab', { name, exact: true });
const dialog = (name) => page.getByRole('dialog', { name });
const choose = async (box, name, option) => {
  await box.getByRole('button', { name: new RegExp(`(^| )${name} `) }).click();
  await page.getByRole('option', { name: option }).click();
};

test('create an API key and see its value', async () => {
  await page.getByText('No API keys').waitFor();
  await look(page, 'api-keys-empty');
  await button('Create API key').first().click();
  await dialog('Create API key').getByLabel('Name', { exact: true }).fill('partner');
  await look(page, 'api-key-create');
  await page.keyboard.press('Enter');
  await page.getByText('API key partner was created.').waitFor();
  await button('Show the value of partner').click();
  await button('Copy API key').click();
  key = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(key, /^[A-Za-z0-9]{40}$/);
  await look(page, 'api-key');
  assert.equal(await call(), 403);
  assert.equal(await call({ 'x-api-key': key }), 403, 'a key in no plan opens nothing');
});

test('create a usage plan with a quota of three requests', async () => {
  await link('Usage plans').click();
  await page.getByText('No usage plans').waitFor();
  await button('Create usage plan').first().click();
  const form = dialog('Create usage plan');
  await form.getByLabel('Name', { exact: true }).fill('gold');
  await form.getByLabel('Requests', { exact: true }).fill('a few');
  await form.getByText('Enter a whole number.').waitFor();
  assert.ok(await form.getByRole('button', { name: 'Create usage plan' }).isDisabled());
  await form.getByLabel('Requests', { exact: true }).fill('3');
  await look(page, 'usage-plan-create');
  await form.getByRole('button', { name: 'Create usage plan' }).click();
  await page.getByRole('heading', { name: 'gold', level: 1 }).waitFor();
  await page.getByText('3 requests per month').waitFor();
  planPath = new URL(page.url()).pathname;
});

test('add the stage and the key to it', async () => {
  await button('Add stage').first().click();
  await choose(dialog('Add stage'), 'API', 'notes');
  await choose(dialog('Add stage'), 'Stage', 'prod');
  await look(page, 'usage-plan-add-stage');
  await button('Add to usage plan').click();
  await page.getByText('Stage prod was added to usage plan gold.').waitFor();
  await tab('Associated API keys').click();
  await button('Add API key').first().click();
  await choose(dialog('Add API key'), 'API key', 'partner');
  await look(page, 'usage-plan-add-key');
  await dialog('Add API key').getByRole('button', { name: 'Add API key' }).click();
  await page.getByText('The API key was added to usage plan gold.').waitFor();
  await look(page, 'usage-plan-keys');
  assert.equal(await call(), 403);
  assert.equal(await call({ 'x-api-key': key }), 200);
});

test('beyond the quota: 429, until somebody extends it', async () => {
  assert.deepEqual([await call({ 'x-api-key': key }), await call({ 'x-api-key': key }), await call({ 'x-api-key': key })], [200, 200, 429]);
  await tab('Usage').click();
  const row = page.getByRole('table', { name: 'Usage by key' }).getByRole('row').filter({ hasText: 'partner' });
  await row.getByRole('cell', { name: '3', exact: true }).waitFor();
  await row.getByRole('cell', { name: '0', exact: true }).waitFor();
  await page.getByRole('img', { name: /^Requests by day/ }).waitFor();
  await look(page, 'usage-plan-usage');
  await row.getByRole('radio').check();
  await button('Extend the quota').click();
  await dialog('Extend the quota').getByLabel('Remaining requests').fill('1');
  await look(page, 'usage-plan-extend');
  await page.keyboard.press('Enter');
  await page.getByText('API key partner has 1 requests left.').waitFor();
  assert.deepEqual([await call({ 'x-api-key': key }), await call({ 'x-api-key': key })], [200, 429]);
});

test('edit the plan: no quota, a throttle of one method', async () => {
  await button('Edit').click();
  await dialog('Edit usage plan').getByRole('checkbox', { name: 'Quota' }).click();
  await look(page, 'usage-plan-edit');
  await button('Save').click();
  await page.getByText('No quota').first().waitFor();
  assert.equal(await call({ 'x-api-key': key }), 200);
  await tab('Associated stages').click();
  await page.getByRole('radio', { name: /^Select/ }).check();
  await button('Configure method throttling').click();
  const form = dialog('Configure method throttling');
  await form.getByRole('button', { name: 'Add method' }).click();
  await choose(form, 'Method 1', '/notes/GET');
  await form.getByRole('textbox', { name: 'Rate 1' }).fill('0.01');
  await form.getByRole('textbox', { name: 'Burst 1' }).fill('2');
  await look(page, 'usage-plan-throttles');
  await form.getByRole('button', { name: 'Save' }).click();
  await page.getByText('/notes/GET: 0.01 per second, burst 2').waitFor();
  await look(page, 'usage-plan-stages');
  assert.deepEqual([await call({ 'x-api-key': key }), await call({ 'x-api-key': key }), await call({ 'x-api-key': key })], [200, 200, 429]);
});

test('the lists: search, disable, import, delete', async () => {
  await link('API keys').click();
  await page.getByRole('radio', { name: 'Select partner' }).check();
  await button('Disable').click();
  await page.getByText('API key partner is disabled.').waitFor();
  assert.equal(await call({ 'x-api-key': key }), 403);
  await button('Import API keys').click();
  const form = dialog('Import API keys');
  await form.getByRole('textbox', { name: 'Or its text' }).fill(`Name,Key,Enabled,UsagePlanIds\nimported,${'k'.repeat(30)},TRUE,"${planPath.split('/').at(-1)}"\n`);
  await look(page, 'api-keys-import');
  await form.getByRole('button', { name: 'Import' }).click();
  await page.getByText('1 API key was imported.').waitFor();
  assert.equal(await call({ 'x-api-key': 'k'.repeat(30) }), 200);
  await page.getByRole('searchbox', { name: 'Name begins with' }).fill('part');
  await link('imported').waitFor({ state: 'detached' });
  await look(page, 'api-keys');
  await page.getByRole('radio', { name: 'Select partner' }).check();
  await button('Delete').click();
  await dialog('Delete API key').getByRole('textbox').fill('delete');
  await look(page, 'api-key-delete');
  await page.keyboard.press('Enter');
  await page.getByText("No API key's name begins with part").waitFor();

  await link('Usage plans').click();
  await page.getByRole('radio', { name: 'Select gold' }).check();
  await look(page, 'usage-plans');
  await button('Delete').click();
  await dialog('Delete usage plan').getByRole('textbox').fill('delete');
  await page.keyboard.press('Enter');
  await page.getByText('No usage plans').waitFor();
  await page.clean();
});
