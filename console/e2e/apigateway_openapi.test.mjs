// OpenAPI in the console: an API made out of a document, with its errors at their places; merging into it; exporting it.
import assert from 'node:assert/strict';
import { readFile, writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { look } from './apigateway_kit.mjs';
import { openPage, startBrowser, startServer } from './harness.mjs';

let server, browser, page, folder, api;

before(async () => {
  [server, browser, folder] = await Promise.all([startServer(), startBrowser(), mkdtemp(join(tmpdir(), 'tollbook-openapi-'))]);
  page = await openPage(browser, server, '/console/apigateway/create');
});

after(async () => {
  await browser?.close();
  await server?.stop();
  if (folder) await rm(folder, { recursive: true });
});

const button = (name) => page.getByRole('button', { name, exact: true });
const dialog = (name) => page.getByRole('dialog', { name });
const definition = () => page.getByRole('textbox', { name: 'API definition', exact: true });

const mock = (body) => ({
  type: 'mock',
  requestTemplates: { 'application/json': '{"statusCode": 200}' },
  responses: { default: { statusCode: '200', responseTemplates: { 'application/json': body } } },
});
const operation = (body) => ({ responses: { 200: { description: 'ok' } }, 'x-amazon-apigateway-integration': mock(body) });
const pets = { openapi: '3.0.1', info: { title: 'pets', version: '1.0' }, paths: { '/pets': { get: operation('["Rex"]') } } };

test('errors are told at their places, and then nothing is made', async () => {
  await page.getByRole('radio', { name: /^Import API/ }).check();
  await definition().waitFor();
  await look(page, 'openapi-import');
  const bad = structuredClone(pets);
  bad.paths['/pets'].get['x-amazon-apigateway-integration'].type = 'carrier-pigeon';
  await definition().fill(JSON.stringify(bad, null, 2));
  await button('Import API').click();
  const problems = page.getByRole('table', { name: 'Problems of the definition' });
  await problems.getByText(/carrier-pigeon/i).first().waitFor();
  const place = problems.getByRole('button').first();
  assert.match(await place.textContent(), /^Line \d+, column \d+$/);
  await look(page, 'openapi-errors');
  await place.click();
  assert.ok(await definition().evaluate((e) => e.getRootNode().activeElement === e), 'the caret is in the definition');
});

test('a document from a file becomes an API', async () => {
  const file = join(folder, 'pets.json');
  await writeFile(file, JSON.stringify(pets));
  await page.getByLabel('API definition file').setInputFiles(file);
  await page.getByText('pets.json').waitFor();
  await button('Import API').click();
  await page.getByText('API pets was made out of the definition.').waitFor();
  await page.getByRole('heading', { name: 'pets' }).waitFor();
  api = /apis\/(\w+)\//.exec(page.url())[1];
  await page.getByRole('link', { name: '/pets', exact: true }).waitFor();
  await button('Deploy API').click();
  await page.getByRole('textbox', { name: 'Stage name' }).fill('v1');
  await page.keyboard.press('Enter');
  await page.getByText('The API was deployed to stage v1.').waitFor();
  assert.deepEqual(await (await fetch(`${server.gateway}/${api}/v1/pets`)).json(), ['Rex']);
});

test('merge adds, overwrite takes away', async () => {
  const more = { ...pets, paths: { '/owners': { get: operation('["Ada"]') } } };
  await page.getByRole('link', { name: 'Resources', exact: true }).first().click();
  await button('Import API').click();
  await definition().fill(JSON.stringify(more));
  await look(page, 'openapi-merge');
  await dialog('Import into pets').getByRole('button', { name: 'Import', exact: true }).click();
  await page.getByText('The definition was imported into pets.').waitFor();
  await page.getByRole('link', { name: '/owners', exact: true }).waitFor();
  await page.getByRole('link', { name: '/pets', exact: true }).waitFor();
  await button('Import API').click();
  await dialog('Import into pets').getByRole('radio', { name: 'Overwrite' }).check();
  await definition().fill(JSON.stringify(more));
  await dialog('Import into pets').getByRole('button', { name: 'Import', exact: true }).click();
  await page.getByRole('link', { name: '/pets', exact: true }).waitFor({ state: 'hidden' });
  await page.getByRole('link', { name: '/owners', exact: true }).waitFor();
});

test('a stage is exported, and the export can be imported', async () => {
  await page.getByRole('link', { name: 'Stages', exact: true }).first().click();
  await page.getByRole('link', { name: 'v1', exact: true }).click();
  await button('Export').click();
  await look(page, 'openapi-export');
  const take = async () => {
    const [download] = await Promise.all([page.waitForEvent('download'), dialog('Export stage v1').getByRole('button', { name: 'Export API' }).click()]);
    return { name: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') };
  };
  const json = await take();
  assert.match(json.name, /^oas30_.*\.json$/);
  assert.equal(JSON.parse(json.text).paths['/pets'].get['x-amazon-apigateway-integration'].type, 'mock');
  await dialog('Export stage v1').waitFor({ state: 'hidden' });
  await button('Export').click();
  await dialog('Export stage v1').getByRole('radio', { name: 'Swagger' }).check();
  await dialog('Export stage v1').getByRole('radio', { name: 'YAML' }).check();
  const yaml = await take();
  assert.match(yaml.name, /^swagger_.*\.yaml$/);
  assert.match(yaml.text, /^swagger: "?2.0"?/m);

  await page.goto(`${server.api}/console/apigateway/create`);
  await page.getByRole('radio', { name: /^Import API/ }).check();
  await definition().fill(yaml.text);
  await button('Import API').click();
  await page.getByRole('heading', { name: 'pets' }).waitFor();
  await page.getByRole('link', { name: '/pets', exact: true }).waitFor();
  await page.clean(/status of 400/);
});
