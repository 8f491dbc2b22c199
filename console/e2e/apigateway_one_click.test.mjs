// Access logs with one click on the sample API, and back; the command does and undoes the same.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { look, tollbook } from './apigateway_kit.mjs';
import { openPage, startBrowser, startServer } from './harness.mjs';

let server, browser, page, apiId;

before(async () => {
  [server, browser] = await Promise.all([startServer(), startBrowser()]);
  page = await openPage(browser, server, '/console/');
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const button = (name) => page.getByRole('button', { name, exact: true });
const steps = (label) => page.getByRole('list', { name: label }).or(page.getByLabel(label, { exact: true })).locator('li').allTextContents();

async function openLogs() {
  await page.goto(`${server.api}/console/apigateway/apis/${apiId}/stages/prod?tab=logs`);
  await page.getByRole('heading', { name: 'Access logs with one click' }).waitFor();
}

test('create the sample API without logs', async () => {
  await page.goto(`${server.api}/console/apigateway/create`);
  await page.getByRole('radio', { name: 'Sample API' }).check();
  await page.getByRole('checkbox', { name: 'Turn on access logs' }).uncheck();
  await button('Create API').click();
  await page.getByText('Sample API notes was created and deployed to stage prod.').waitFor();
  apiId = /apis\/(\w+)\//.exec(page.url())[1];
  const answer = await fetch(`${server.gateway}/${apiId}/prod/notes`);
  assert.deepEqual((await answer.json()).map((note) => note.text), ['Buy milk', 'Call Ada']);
});

test('enable with one click', async () => {
  await openLogs();
  await page.getByText('Set role APIGatewayCloudWatchLogs in API Gateway\'s settings').waitFor();
  assert.equal((await steps('To do')).length, 4);
  await look(page, 'apigateway-one-click');
  await button('Enable access logs').click();
  await page.getByText('Access logs are on. Each request is one entry in').waitFor();
  assert.equal((await steps('Done')).length, 4);
  await button('Undo…').waitFor();
  await look(page, 'apigateway-one-click-done');
  assert.match(await tollbook(server, 'access-logs', 'enable', '--api', apiId, '--stage', 'prod'), /nothing to change/);

  await fetch(`${server.gateway}/${apiId}/prod/notes`);
  await page.waitForTimeout(300); // entries are durable within 100 ms
  await button('Take the newest entry').click();
  await page.getByText("The stage's newest request, of").waitFor();
});

test('undo with one click', async () => {
  await button('Undo…').click();
  assert.equal((await steps('To undo')).length, 4);
  await button('Undo').click();
  await page.getByText('All of it is undone.').waitFor();
  assert.match(await tollbook(server, 'access-logs', 'disable', '--api', apiId, '--stage', 'prod'), /nothing to change/);
  await page.goto(`${server.api}/console/iam/roles`);
  await page.getByText('No roles').waitFor();
});

test('the command undoes what the click did', async () => {
  await openLogs();
  await button('Enable access logs').click();
  await page.getByText('Access logs are on. Each request is one entry in').waitFor();
  const said = await tollbook(server, 'access-logs', 'disable', '--api', apiId, '--stage', 'prod');
  assert.equal(said.match(/done/g).length, 4, said);
});

test('the click undoes what the command did', async () => {
  await tollbook(server, 'access-logs', 'enable', '--api', apiId, '--stage', 'prod');
  await openLogs();
  await button('Undo…').click();
  assert.equal((await steps('To undo')).length, 4);
  await button('Undo').click();
  await page.getByText('All of it is undone.').waitFor();
  assert.match(await tollbook(server, 'access-logs', 'disable', '--api', apiId, '--stage', 'prod'), /nothing to change/);
});

test('delete the API', async () => {
  await page.goto(`${server.api}/console/apigateway/apis`);
  await page.getByRole('radio', { name: 'Select notes' }).check();
  await button('Delete').click();
  await page.getByRole('textbox').last().fill('notes');
  await page.keyboard.press('Enter');
  await page.getByText('API notes was deleted.').waitFor();
  await page.getByText('No APIs').waitFor();
  await page.clean(/status of 4\d\d/); // the refusals above
});
