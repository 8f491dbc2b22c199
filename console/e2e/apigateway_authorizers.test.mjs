// Authorizers in the console: a Lambda function of the test's own says who may call.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { look } from './apigateway_kit.mjs';
import { openPage, startBrowser, startServer } from './harness.mjs';

let server, browser, lambda, page, api;

/** Answers Lambda's Invoke: lets in the token "open sesame". */
function startLambda() {
  const allow = (methodArn) => ({ Version: '2012-10-17', Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: methodArn }] });
  return new Promise((resolve) => {
    const http = createServer(async (req, res) => {
      let text = '';
      for await (const chunk of req) text += chunk;
      const { authorizationToken, methodArn } = JSON.parse(text);
      const known = authorizationToken === 'open sesame';
      res.writeHead(200, { 'Content-Type': 'application/json', ...(!known && { 'X-Amz-Function-Error': 'Unhandled' }) });
      res.end(JSON.stringify(known ? { principalId: 'ali', policyDocument: allow(methodArn) } : { errorMessage: 'Unauthorized' }));
    });
    const stop = () => {
      http.closeAllConnections();
      return new Promise((done) => http.close(done));
    };
    http.listen(0, '127.0.0.1', () => resolve({ url: `http://127.0.0.1:${http.address().port}`, stop }));
  });
}

before(async () => {
  [lambda, browser] = await Promise.all([startLambda(), startBrowser()]);
  server = await startServer('--sample', '--lambda-endpoint', lambda.url);
  api = server.sample;
  page = await openPage(browser, server, `/console/apigateway/apis/${api}/authorizers`);
});

after(async () => {
  await browser?.close();
  await server?.stop();
  await lambda?.stop();
});

const button = (name) => page.getByRole('button', { name, exact: true });
const dialog = (name) => page.getByRole('dialog', { name });
const textbox = (name) => page.getByRole('textbox', { name, exact: true });

test('create one, and edit it', async () => {
  await page.getByText('No authorizers').waitFor();
  await look(page, 'api-authorizers-empty');
  await button('Create authorizer').first().click();
  const form = dialog('Create authorizer');
  await form.getByLabel('Authorizer name').fill('cave');
  await form.getByLabel('Lambda function').fill('doorkeeper');
  await look(page, 'api-authorizer-create');
  await form.getByRole('button', { name: 'Create', exact: true }).click();
  await page.getByText('Authorizer cave was created. Methods can name it now.').waitFor();
  await page.getByRole('cell', { name: 'doorkeeper' }).waitFor();
  await button('Edit authorizer cave').click();
  await dialog('Edit authorizer cave').getByRole('checkbox', { name: 'Authorizer caching' }).uncheck();
  await dialog('Edit authorizer cave').getByRole('button', { name: 'Save' }).click();
  await page.getByRole('cell', { name: 'Off', exact: true }).waitFor();
  await look(page, 'api-authorizers');
});

test('test it', async () => {
  await page.getByRole('radio', { name: 'Select cave' }).check();
  await button('Test authorizer').first().click();
  const form = dialog('Test authorizer cave');
  await textbox('Value of header 1').fill('please');
  await form.getByRole('button', { name: 'Test authorizer' }).click();
  await form.getByText('401', { exact: true }).waitFor();
  await textbox('Value of header 1').fill('open sesame');
  await textbox('Value of header 1').press('Enter');
  await form.getByText('ali', { exact: true }).waitFor();
  await form.getByRole('region', { name: 'Policy' }).getByText('execute-api:Invoke').waitFor();
  assert.notEqual((await form.getByRole('region', { name: 'Logs' }).textContent()).trim(), '');
  await look(page, 'api-authorizer-test');
  await page.keyboard.press('Escape');
});

test('a method asks it', async () => {
  await page.getByRole('link', { name: 'Resources', exact: true }).first().click();
  await page.getByRole('link', { name: '/notes', exact: true }).click();
  await page.getByRole('table', { name: 'Methods' }).getByRole('link', { name: 'GET' }).click();
  await button('Edit method request').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Authorization' }).click();
  await page.getByRole('option', { name: 'cave' }).click();
  await dialog('Edit method request').getByRole('button', { name: 'Save' }).click();
  await page.getByText('cave', { exact: true }).waitFor();
  await button('Deploy API').click();
  await dialog('Deploy API').getByRole('button', { name: 'Deploy', exact: true }).click();
  await page.getByText('The API was deployed to stage prod.').waitFor();
  const get = (headers) => fetch(`${server.gateway}/${api}/prod/notes`, { headers });
  assert.equal((await get({})).status, 401);
  assert.equal((await get({ Authorization: 'please' })).status, 401);
  assert.equal((await get({ Authorization: 'open sesame' })).status, 200);
});

test('one that a method names cannot be deleted', async () => {
  await page.getByRole('link', { name: 'Authorizers', exact: true }).first().click();
  await page.getByRole('radio', { name: 'Select cave' }).check();
  await button('Delete').click();
  await dialog('Delete authorizer').getByRole('textbox').fill('delete');
  await page.keyboard.press('Enter');
  await page.getByText(/ConflictException|BadRequestException/).waitFor();
  await page.clean(/status of 4\d\d/);
});
