// Custom domain names with their base path mappings, and VPC links, by mouse; requests show that both work.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { request } from 'node:http';
import { APIGatewayClient, CreateDeploymentCommand, GetResourcesCommand } from '@aws-sdk/client-api-gateway';
import { look, startUpstream } from './apigateway_kit.mjs';
import { openPage, startBrowser, startServer } from './harness.mjs';

let server, upstream, browser, page, api, client;

before(async () => {
  [server, upstream, browser] = await Promise.all([startServer('--sample'), startUpstream(), startBrowser()]);
  api = server.sample;
  client = new APIGatewayClient({ endpoint: server.api, region: 'us-east-1', credentials: { accessKeyId: 'any', secretAccessKey: 'any' } });
  page = await openPage(browser, server, '/console/apigateway/domains');
});

after(async () => {
  client?.destroy();
  await browser?.close();
  await upstream?.stop();
  await server?.stop();
});

const button = (name) => page.getByRole('button', { name, exact: true });
const dialog = (name) => page.getByRole('dialog', { name });
const choose = async (box, name, option) => {
  await box.getByRole('button', { name: new RegExp(`(^| )${name} `) }).click();
  await page.getByRole('option', { name: option }).click();
};

/** The status of a request to the gateway that names a host, which fetch cannot. */
function statusAt(host, path) {
  return new Promise((resolve, reject) => {
    request(`${server.gateway}${path}`, { headers: { host } }, (res) => resolve(res.resume().statusCode)).on('error', reject).end();
  });
}

test('create a domain name', async () => {
  await page.getByText('No custom domain names').waitFor();
  await look(page, 'domain-names-empty');
  await button('Create domain name').first().click();
  const form = dialog('Create domain name');
  await form.getByLabel('Domain name', { exact: true }).fill('api.example.com');
  await form.getByLabel('Certificate body').fill('-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----');
  await form.getByLabel('Certificate private key').fill('none');
  await form.getByRole('button', { name: 'Create domain name' }).click();
  await form.getByText('Invalid certificate or private key specified').waitFor();
  await look(page, 'domain-name-create');
  await form.getByRole('radio', { name: "The server's own" }).check();
  await form.getByRole('button', { name: 'Create domain name' }).click();
  await page.getByRole('heading', { name: 'api.example.com', level: 1 }).waitFor();
  assert.equal(await statusAt('api.example.com', '/v1/notes'), 403);
});

test('map a base path to a stage, move it, take it away', async () => {
  await button('Add API mapping').first().click();
  await dialog('Add API mapping').getByLabel('Base path - optional').fill('v1');
  await choose(dialog('Add API mapping'), 'API', 'notes');
  await choose(dialog('Add API mapping'), 'Stage', 'prod');
  await look(page, 'domain-name-mapping');
  await dialog('Add API mapping').getByRole('button', { name: 'Save' }).click();
  await page.getByRole('cell', { name: 'https://api.example.com/v1' }).waitFor();
  await look(page, 'domain-name');
  assert.equal(await statusAt('api.example.com', '/v1/notes'), 200);

  await page.getByRole('radio', { name: 'Select v1' }).check();
  await page.getByRole('button', { name: 'Edit', exact: true }).last().click();
  await dialog('Edit API mapping').getByLabel('Base path - optional').fill('');
  await dialog('Edit API mapping').getByRole('button', { name: 'Save' }).click();
  await page.getByRole('cell', { name: 'https://api.example.com/', exact: true }).waitFor();
  assert.deepEqual([await statusAt('api.example.com', '/notes'), await statusAt('api.example.com', '/v1/notes')], [200, 403]);

  await page.getByRole('radio', { name: 'Select (none)' }).check();
  await button('Remove').click();
  await dialog('Remove API mapping').getByRole('textbox').fill('delete');
  await page.keyboard.press('Enter');
  await page.getByText('No API mappings').waitFor();
  assert.equal(await statusAt('api.example.com', '/notes'), 403);
});

test('mutual TLS wants a truststore that can be read', async () => {
  await button('Edit').first().click();
  await dialog('Edit domain name').getByRole('checkbox', { name: 'Mutual TLS authentication' }).click();
  await dialog('Edit domain name').getByLabel('Truststore URI').fill('file:///no/such/file.pem');
  await dialog('Edit domain name').getByRole('button', { name: 'Save' }).click();
  await page.getByText('holds no readable certificates').waitFor();
  await look(page, 'domain-name-edit');
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: 'Custom domain names' }).first().click();
  await page.getByRole('radio', { name: 'Select api.example.com' }).check();
  await look(page, 'domain-names');
  await button('Delete').click();
  await dialog('Delete domain name').getByRole('textbox').fill('delete');
  await page.keyboard.press('Enter');
  await page.getByText('No custom domain names').waitFor();
});

test('a VPC link leads an integration to an address', async () => {
  await page.getByRole('link', { name: 'VPC links' }).click();
  await page.getByText('No VPC links').waitFor();
  await look(page, 'vpc-links-empty');
  await button('Create VPC link').first().click();
  await dialog('Create VPC link').getByLabel('Name', { exact: true }).fill('inside');
  await dialog('Create VPC link').getByLabel('Target').fill('no address');
  await page.keyboard.press('Enter');
  await page.getByText('Invalid ARN. ARN is not well formed no address').waitFor();
  await dialog('Create VPC link').getByLabel('Target').fill(upstream.url);
  await look(page, 'vpc-link-create');
  await page.keyboard.press('Enter');
  await page.getByText('VPC link inside was created.').waitFor();

  const { items } = await client.send(new GetResourcesCommand({ restApiId: api }));
  await page.goto(`${server.api}/console/apigateway/apis/${api}/resources?resource=${items.find((r) => r.path === '/notes').id}&method=GET`);
  await button('Edit integration request').click();
  const form = dialog('Edit integration request');
  await form.getByRole('radio', { name: 'VPC link' }).check();
  await form.getByRole('combobox', { name: 'VPC link' }).fill('ins');
  await page.getByRole('option', { name: 'inside' }).click();
  await form.getByLabel('Endpoint URL').fill('http://back.internal/there');
  await form.getByRole('checkbox', { name: 'HTTP proxy integration' }).check();
  await look(page, 'vpc-link-integration');
  await form.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The integration was changed. Stages use it after the next deployment.').waitFor();
  await client.send(new CreateDeploymentCommand({ restApiId: api, stageName: 'prod' }));
  assert.deepEqual(await (await fetch(`${server.gateway}/${api}/prod/notes`)).json(), { method: 'GET', url: '/there' });

  await page.goto(`${server.api}/console/apigateway/vpc-links`);
  await page.getByRole('radio', { name: 'Select inside' }).check();
  await button('Edit').click();
  await dialog('Edit VPC link').getByLabel('Description - optional').fill('The back end');
  await page.keyboard.press('Enter');
  await page.getByRole('cell', { name: 'The back end' }).waitFor();
  await look(page, 'vpc-links');
  await button('Delete').click();
  await dialog('Delete VPC link').getByRole('textbox').fill('delete');
  await page.keyboard.press('Enter');
  await page.getByText('Cannot delete vpc link.').waitFor();
  await look(page, 'vpc-link-in-use');
  await page.clean(/status of 400/);
});
