// A stage's other tabs and the dialogs that the guide does not open, each looked at with axe.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { look } from './apigateway_kit.mjs';
import { openPage, startBrowser, startServer } from './harness.mjs';

let server, browser, page, api;

before(async () => {
  [server, browser] = await Promise.all([startServer('--sample'), startBrowser()]);
  api = server.sample;
  page = await openPage(browser, server, `/console/apigateway/apis/${api}/stages/prod`);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const button = (name) => page.getByRole('button', { name, exact: true });
const tab = (name) => page.getByRole('tablist', { name: 'Stage prod' }).getByRole('tab', { name });
const dialog = (name) => page.getByRole('dialog', { name });

test('settings: the description', async () => {
  await button('Edit').click();
  await dialog('Edit stage').getByLabel('Description').fill('Where customers are');
  await look(page, 'stage-edit');
  await page.keyboard.press('Enter');
  await page.getByText('Where customers are').waitFor();
});

test('stage variables: add, remove', async () => {
  await tab('Stage variables').click();
  await page.getByText('No stage variables').waitFor();
  await look(page, 'stage-variables-empty');
  await button('Add variable').first().click();
  await dialog('Add stage variable').getByLabel('Name').fill('host');
  await dialog('Add stage variable').getByLabel('Value').fill('notes.internal');
  await look(page, 'stage-variables-add');
  await page.keyboard.press('Enter');
  await page.getByRole('cell', { name: 'notes.internal' }).waitFor();
  await look(page, 'stage-variables');
  await button('Remove host').click();
  await dialog('Remove stage variable').getByRole('textbox').fill('delete');
  await look(page, 'stage-variables-remove');
  await page.keyboard.press('Enter');
  await page.getByText('No stage variables').waitFor();
});

test('deployment history: back to the one before', async () => {
  await button('Deploy API').click();
  await dialog('Deploy API').getByLabel('Deployment description - optional').fill('second');
  await look(page, 'stage-deploy-again');
  await page.keyboard.press('Enter');
  await page.getByText('The API was deployed to stage prod.').waitFor();
  await tab('Deployment history').click();
  const rows = page.getByRole('table', { name: 'Deployment history' }).getByRole('row');
  await rows.filter({ hasText: 'second' }).filter({ hasText: 'Active' }).waitFor();
  await look(page, 'stage-history');
  await rows.filter({ hasNotText: 'second' }).getByRole('radio').check();
  await button('Change active deployment').click();
  await page.getByText(/^Stage prod now serves deployment/).waitFor();
  await rows.filter({ hasNotText: 'second' }).filter({ hasText: 'Active' }).waitFor();
});

test('tags of the stage and of the API', async () => {
  for (const open of [() => tab('Tags').click(), () => page.getByRole('link', { name: 'Tags', exact: true }).first().click()]) {
    await open();
    await button('Manage tags').waitFor();
    const before = await page.getByRole('table', { name: 'Tags' }).getByRole('rowheader').count();
    await button('Manage tags').click();
    const form = dialog('Manage tags');
    await form.getByRole('button', { name: 'Add tag' }).click();
    await form.getByLabel(`Key ${before + 1}`).fill('team');
    await form.getByLabel(`Value ${before + 1}`).fill('notes');
    await look(page, 'apigateway-tags-edit');
    await form.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('rowheader', { name: 'team' }).waitFor();
    await look(page, 'apigateway-tags');
  }
});

test('resources: create and delete a resource, change a mock response, delete a method', async () => {
  await page.getByRole('link', { name: 'Resources', exact: true }).first().click();
  await button('Create resource').click();
  await page.getByRole('textbox', { name: 'Resource path part' }).fill('later');
  await look(page, 'resource-create');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: '/later' }).waitFor();
  await button('Delete').click();
  await dialog('Delete resource').getByRole('textbox').fill('delete');
  await look(page, 'resource-delete');
  await page.keyboard.press('Enter');
  await page.getByText('Resource /later was deleted.').waitFor();
  await page.getByRole('link', { name: '/notes', exact: true }).click();
  await page.getByRole('table', { name: 'Methods' }).getByRole('link', { name: 'POST' }).click();
  await button('Edit integration response 201').click();
  await page.getByRole('dialog').waitFor();
  await look(page, 'mock-response');
  await page.keyboard.press('Escape');
  await button('Delete method').click();
  await dialog('Delete method').getByRole('textbox').fill('delete');
  await look(page, 'method-delete');
  await page.keyboard.press('Enter');
  await page.getByText('Method POST /notes was deleted.').waitFor();
});

test('stages: delete one', async () => {
  await page.getByRole('link', { name: 'Stages', exact: true }).first().click();
  await page.getByRole('radio', { name: 'Select prod' }).check();
  await button('Delete').click();
  await dialog('Delete stage').getByRole('textbox').fill('prod');
  await look(page, 'stage-delete');
  await page.keyboard.press('Enter');
  await page.getByText('No stages').waitFor();
  const { status } = await fetch(`${server.gateway}/${api}/prod/notes`);
  assert.equal(status, 403);
  await page.clean();
});
