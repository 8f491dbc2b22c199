// The stage page, by mouse: a canary made with a deployment and promoted, the cache, throttling, and a method's override.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { APIGatewayClient, GetResourcesCommand, GetStageCommand, UpdateIntegrationResponseCommand } from '@aws-sdk/client-api-gateway';
import { look } from './apigateway_kit.mjs';
import { openPage, startBrowser, startServer } from './harness.mjs';

let server, browser, page, api, client;

before(async () => {
  [server, browser] = await Promise.all([startServer('--sample'), startBrowser()]);
  api = server.sample;
  client = new APIGatewayClient({ endpoint: server.api, region: 'us-east-1', credentials: { accessKeyId: 'any', secretAccessKey: 'any' } });
  await answerWith('{"version":"next"}');
  page = await openPage(browser, server, `/console/apigateway/apis/${api}/stages/prod`);
});

after(async () => {
  client?.destroy();
  await browser?.close();
  await server?.stop();
});

/** Changes what GET /notes answers, from the next deployment on. */
async function answerWith(value) {
  const { items } = await client.send(new GetResourcesCommand({ restApiId: api }));
  const at = { restApiId: api, resourceId: items.find((r) => r.path === '/notes').id, httpMethod: 'GET', statusCode: '200' };
  await client.send(new UpdateIntegrationResponseCommand({ ...at, patchOperations: [{ op: 'replace', path: '/responseTemplates/application~1json', value }] }));
}

const stage = () => client.send(new GetStageCommand({ restApiId: api, stageName: 'prod' }));
const button = (name) => page.getByRole('button', { name, exact: true });
const tab = (name) => page.getByRole('tablist', { name: 'Stage prod' }).getByRole('tab', { name, exact: true });
const dialog = (name) => page.getByRole('dialog', { name });
const choose = async (box, name, option) => {
  await box.getByRole('button', { name: new RegExp(`(^| )${name} `) }).click();
  await page.getByRole('option', { name: option }).click();
};

/** How many of so many answers are the new ones. */
async function newAnswers(times) {
  const answers = await Promise.all(Array.from({ length: times }, async () => (await fetch(`${server.gateway}/${api}/prod/notes`)).text()));
  return answers.filter((text) => text.includes('next')).length;
}

test('deploy to a canary with a share and an override', async () => {
  await tab('Canary').click();
  await page.getByText('No canary').waitFor();
  await look(page, 'canary-none');
  await button('Deploy API').click();
  const form = dialog('Deploy API');
  await form.getByRole('checkbox', { name: 'Canary release' }).click();
  await form.getByLabel('Requests to the canary').fill('120');
  await form.getByText('Enter a share from 0 to 100 percent.').waitFor();
  assert.ok(await form.getByRole('button', { name: 'Deploy' }).isDisabled());
  await form.getByLabel('Requests to the canary').fill('50');
  await form.getByRole('button', { name: 'Add override' }).click();
  await form.getByLabel('Name of override 1').fill('color');
  await form.getByLabel('Value of override 1').fill('yellow');
  await look(page, 'canary-deploy');
  await form.getByRole('button', { name: 'Deploy' }).click();
  await page.getByText('The API was deployed to the canary of stage prod.').waitFor();
  await page.getByText('color = yellow').waitFor();
  await look(page, 'canary');
  const fresh = await newAnswers(100);
  assert.ok(fresh > 15 && fresh < 85, `${fresh} of 100 at 50 percent`);
});

test('edit its share: all, then none', async () => {
  for (const [percent, want] of [['100', 20], ['0', 0]]) {
    await page.getByRole('tabpanel').getByRole('button', { name: 'Edit' }).click();
    await dialog('Edit canary').getByLabel('Requests to the canary').fill(percent);
    await dialog('Edit canary').getByRole('button', { name: 'Save' }).click();
    await page.getByText(`${percent} %`, { exact: true }).waitFor();
    assert.equal(await newAnswers(20), want);
  }
});

test('promote it', async () => {
  const { canarySettings } = await stage();
  await button('Promote canary').click();
  await dialog('Promote canary').getByRole('radio', { name: 'Is deleted' }).check();
  await look(page, 'canary-promote');
  await dialog('Promote canary').getByRole('button', { name: 'Promote' }).click();
  await page.getByText('The canary of stage prod was promoted.').waitFor();
  await page.getByText('No canary').waitFor();
  const now = await stage();
  assert.equal(now.deploymentId, canarySettings.deploymentId);
  assert.deepEqual(now.variables, { color: 'yellow' });
  assert.equal(now.canarySettings, undefined);
  assert.equal(await newAnswers(20), 20);
});

test('create a canary without a deployment, and delete it', async () => {
  await button('Create canary').click();
  await look(page, 'canary-create');
  await dialog('Create canary').getByRole('button', { name: 'Create' }).click();
  await page.getByText('Stage prod has a canary. Deploy the API to it.').waitFor();
  await page.getByRole('tabpanel').getByRole('button', { name: 'Delete' }).click();
  await dialog('Delete canary').getByRole('textbox').fill('delete');
  await page.keyboard.press('Enter');
  await page.getByText('No canary').waitFor();
});

test('cache: on, kept answers, flushed', async () => {
  await tab('Settings').click();
  await button('Edit cache').click();
  await dialog('Edit cache').getByRole('checkbox', { name: 'Provision cache' }).click();
  await dialog('Edit cache').getByLabel('Time to live').fill('600');
  await look(page, 'stage-cache-edit');
  await dialog('Edit cache').getByRole('button', { name: 'Save' }).click();
  await page.getByText('On, 0.5 GB').waitFor();
  await look(page, 'stage-settings');
  const { cacheClusterEnabled, methodSettings } = await stage();
  assert.ok(cacheClusterEnabled);
  assert.deepEqual([methodSettings['*/*'].cachingEnabled, methodSettings['*/*'].cacheTtlInSeconds], [true, 600]);
  await button('Flush entire cache').click();
  await page.getByText('The cache of stage prod is empty.').waitFor();
});

test('throttling of the stage, and an override of one method', async () => {
  await button('Edit throttling').click();
  await dialog('Edit throttling').getByLabel('Rate').fill('0.01');
  await dialog('Edit throttling').getByLabel('Burst').fill('1');
  await look(page, 'stage-throttling');
  await dialog('Edit throttling').getByRole('button', { name: 'Save' }).click();
  await page.getByText('0.01 requests per second').waitFor();
  const get = async (path) => (await fetch(`${server.gateway}/${api}/prod${path}`)).status;
  assert.deepEqual([await get('/notes/1'), await get('/notes/1')], [200, 429]);

  await tab('Methods').click();
  await page.getByRole('radio', { name: 'Select GET /notes/{id}' }).check();
  await button('Create override').click();
  const form = dialog('Settings of GET /notes/{id}');
  await form.getByRole('checkbox', { name: 'Throttling' }).click();
  await form.getByRole('checkbox', { name: 'Detailed metrics' }).click();
  await look(page, 'stage-override');
  await form.getByRole('button', { name: 'Save' }).click();
  await page.getByText('GET /notes/{id} has settings of its own on stage prod.').waitFor();
  const row = page.getByRole('table', { name: 'Methods' }).getByRole('row').filter({ hasText: 'GET /notes/{id}' });
  await row.getByRole('cell', { name: 'No limit' }).waitFor();
  await look(page, 'stage-methods');
  assert.deepEqual([await get('/notes/1'), await get('/notes/1'), await get('/notes/1')], [200, 200, 200]);
  await button('Remove override').click();
  await row.getByRole('cell', { name: 'Of the stage' }).waitFor();
  assert.deepEqual(Object.keys((await stage()).methodSettings), ['*/*']);
});

test('a client certificate, generated and chosen for the stage', async () => {
  await page.getByRole('link', { name: 'Client certificates' }).click();
  await page.getByText('No client certificates').waitFor();
  await button('Generate certificate').first().click();
  await dialog('Generate client certificate').getByLabel('Description - optional').fill('For the back end');
  await look(page, 'client-certificate-generate');
  await page.keyboard.press('Enter');
  await page.getByText(/^Client certificate \w+ was generated\.$/).waitFor();
  await page.getByRole('radio', { name: /^Select/ }).check();
  await look(page, 'client-certificates');
  await button('View certificate').click();
  await page.getByText('-----BEGIN CERTIFICATE-----').waitFor();
  await look(page, 'client-certificate');
  await button('Close').last().click();

  await page.goto(`${server.api}/console/apigateway/apis/${api}/stages/prod`);
  await button('Edit').click();
  await choose(dialog('Edit stage'), 'Client certificate', 'For the back end');
  await look(page, 'stage-edit-certificate');
  await dialog('Edit stage').getByRole('button', { name: 'Save' }).click();
  await page.getByText('Stage prod was changed.').waitFor();
  assert.match((await stage()).clientCertificateId, /^\w+$/);

  await page.getByRole('link', { name: 'Client certificates' }).click();
  await page.getByRole('radio', { name: /^Select/ }).check();
  await button('Delete').click();
  await dialog('Delete client certificate').getByRole('textbox').fill('delete');
  await page.keyboard.press('Enter');
  await page.getByText('is in use by stage prod').waitFor();
  await look(page, 'client-certificate-in-use');
  await page.clean(/status of 400/);
});
