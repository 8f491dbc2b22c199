// What a request meets, set up by mouse: a model, a validator, a method that checks by them; the method tested; mappings,
// CORS and a gateway response. Every page and dialog is looked at with axe.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { look, startUpstream } from './apigateway_kit.mjs';
import { openPage, startBrowser, startServer } from './harness.mjs';

let server, browser, upstream, page, api;

before(async () => {
  [server, browser, upstream] = await Promise.all([startServer('--sample'), startBrowser(), startUpstream()]);
  api = server.sample;
  page = await openPage(browser, server, `/console/apigateway/apis/${api}/models`);
});

after(async () => {
  await browser?.close();
  await upstream?.stop();
  await server?.stop();
});

const button = (name) => page.getByRole('button', { name, exact: true });
const link = (name) => page.getByRole('link', { name, exact: true });
const dialog = (name) => page.getByRole('dialog', { name });
const textbox = (name) => page.getByRole('textbox', { name, exact: true });
const invoke = (path, init) => fetch(`${server.gateway}/${api}/prod${path}`, init);

async function choose(name, option) {
  await page.getByRole('dialog').getByRole('button', { name }).click();
  await page.getByRole('option', { name: option }).first().click();
}

async function deploy() {
  await button('Deploy API').click();
  await dialog('Deploy API').getByRole('button', { name: 'Deploy', exact: true }).click();
  await page.getByText('The API was deployed to stage prod.').first().waitFor();
}

async function openMethod(path, method) {
  await link('Resources').first().click();
  await page.getByRole('link', { name: path, exact: true }).first().click();
  await page.getByRole('table', { name: 'Methods' }).getByRole('link', { name: method }).click();
  await page.getByRole('group', { name: `Flow of ${method} ${path}` }).waitFor();
}

test('a model: problems of its JSON, create, edit', async () => {
  await page.getByRole('rowheader', { name: 'Empty' }).waitFor();
  await look(page, 'api-models');
  await button('Create model').click();
  const form = dialog('Create model');
  await form.getByLabel('Name').fill('Note');
  const schema = form.getByRole('textbox', { name: 'Model schema' });
  await schema.fill('{\n  "type": object\n}');
  await form.getByText('Line 2, column 11: A value is expected.').waitFor();
  assert.ok(await form.getByRole('button', { name: 'Create', exact: true }).isDisabled());
  await look(page, 'api-model-problem');
  await schema.fill('{"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}');
  await form.getByRole('button', { name: 'Format' }).click();
  await look(page, 'api-model-create');
  await form.getByRole('button', { name: 'Create', exact: true }).click();
  await page.getByText('Model Note was created. Methods can name it now.').waitFor();
  await button('Edit model Note').click();
  await dialog('Edit model Note').getByLabel('Description').fill('What a note is');
  await dialog('Edit model Note').getByRole('button', { name: 'Save' }).click();
  await page.getByRole('cell', { name: 'What a note is' }).waitFor();
});

test('a method that validates by it refuses other bodies', async () => {
  await openMethod('/notes', 'POST');
  await look(page, 'api-method');
  await button('Edit method request').click();
  await dialog('Edit method request').getByRole('button', { name: 'Request validator' }).waitFor();
  await choose('Request validator', 'Validate body, query string parameters, and headers');
  await button('HTTP request headers (0)').click();
  await button('Add header').click();
  await textbox('Name of header 1').fill('X-Team');
  await page.getByRole('checkbox', { name: 'Required', exact: true }).check();
  await button('Request body (0)').click();
  await button('Add model').click();
  await textbox('Content type of model 1').fill('application/json');
  await choose('Model of model 1', 'Note');
  await look(page, 'api-method-request');
  await dialog('Edit method request').getByRole('button', { name: 'Save' }).click();
  await page.getByText('application/json: Note').waitFor();
  await page.getByText('method.request.header.X-Team: required').waitFor();
  await deploy();
  const post = (body, headers) => invoke('/notes', { method: 'POST', body, headers: { 'Content-Type': 'application/json', ...headers } });
  const missing = await post('{"text":"a"}');
  assert.equal(missing.status, 400);
  assert.deepEqual(await missing.json(), { message: 'Missing required request parameters: [X-Team]' });
  const wrong = await post('{"text":1}', { 'X-Team': 'a' });
  assert.equal(wrong.status, 400);
  assert.deepEqual(await wrong.json(), { message: 'Invalid request body' });
  assert.equal((await post('{"text":"a"}', { 'X-Team': 'a' })).status, 201);
});

test('a model that a method names cannot be deleted', async () => {
  await link('Models').first().click();
  await page.getByRole('radio', { name: 'Select Note' }).check();
  await button('Delete').click();
  await dialog('Delete model').getByRole('textbox').fill('delete');
  await page.keyboard.press('Enter');
  await page.getByText("Cannot delete model 'Note', is referenced in method request: /notes/POST").waitFor();
  await page.getByText('ConflictException').waitFor();
  await look(page, 'api-model-in-use');
  await page.keyboard.press('Escape');
  await dialog('Delete model').waitFor({ state: 'hidden' });
});

test('the test of a method: refused, then answered, with its log', async () => {
  await openMethod('/notes', 'POST');
  await page.getByRole('tab', { name: 'Test' }).click();
  await textbox('Request body').fill('{"text": 1}');
  await button('Test').click();
  await page.getByRole('heading', { name: 'POST /notes test results' }).waitFor();
  await page.getByRole('region', { name: 'Response body' }).getByText('Missing required request parameters: [X-Team]').waitFor();
  await button('Add header').click();
  await textbox('Name of header 1').fill('X-Team');
  await textbox('Value of header 1').fill('a');
  await button('Test').click();
  await page.getByRole('region', { name: 'Response body' }).getByText('Invalid request body').waitFor();
  await textbox('Request body').fill('{"text": "Buy milk"}');
  await button('Test').click();
  await page.getByRole('region', { name: 'Logs' }).getByText('Method completed with status: 201').waitFor();
  await page.getByText(/^\d+ ms$/).waitFor();
  await look(page, 'api-method-test');
});

test('the test of a method with a path parameter and a query', async () => {
  await openMethod('/notes/{id}', 'GET');
  await page.getByRole('tab', { name: 'Test' }).click();
  await textbox('Path id').fill('1 2');
  await textbox('Query strings').fill('a=1&b=2');
  await textbox('Query strings').press('Enter');
  const log = page.getByRole('region', { name: 'Logs' });
  await log.getByText('HTTP Method: GET, Resource Path: /notes/1%202').waitFor();
  assert.match(await log.textContent(), /Method request query string: \{.*a=1.*\}/);
});

test('an integration becomes HTTP with mappings, and its answer is mapped by status', async () => {
  await openMethod('/notes/{id}', 'GET');
  await button('Edit integration request').click();
  const form = dialog('Edit integration request');
  await form.getByRole('radio', { name: 'HTTP', exact: false }).first().check();
  await textbox('Endpoint URL').fill(`${upstream.url}/v2`);
  await button('URL query string parameters (0)').click();
  await form.getByRole('button', { name: 'Add query string' }).click();
  await textbox('Name of query string 1').fill('which');
  await textbox('Mapped from of query string 1').fill("'first'");
  await look(page, 'api-integration');
  await form.getByRole('button', { name: 'Save' }).click();
  await page.getByText("integration.request.querystring.which: 'first'").waitFor();

  await button('Create method response').click();
  await dialog('Create method response').getByLabel('HTTP status code').fill('404');
  await dialog('Create method response').getByLabel(/^Header names/).fill('X-Reason');
  await look(page, 'api-method-response');
  await dialog('Create method response').getByRole('button', { name: 'Save' }).click();
  await page.getByText('X-Reason').waitFor();

  await button('Create integration response').click();
  const mapped = dialog('Create integration response');
  await mapped.getByLabel(/^Selection pattern/).fill('4\\d{2}');
  await mapped.getByRole('button', { name: 'Add header' }).click();
  await textbox('Name of header 1').fill('X-Reason');
  await textbox('Mapped from of header 1').fill("'nobody has it'");
  await mapped.getByRole('button', { name: 'Add mapping template' }).click();
  await textbox('Template 1').fill('{"gone": "$context.resourcePath"}');
  await look(page, 'api-integration-response');
  await mapped.getByRole('button', { name: 'Save' }).click();
  await page.getByText('4\\d{2}').waitFor();
  await button('Edit integration response 200').click();
  await dialog('Edit integration response 200').getByRole('textbox', { name: 'Template 1', exact: true }).fill('{"asked": $input.json(\'$.url\')}');
  await dialog('Edit integration response 200').getByRole('button', { name: 'Save' }).click();
  await dialog('Edit integration response 200').waitFor({ state: 'hidden' });
  await look(page, 'api-method-mapped');
  await deploy();
  assert.deepEqual(await (await invoke('/notes/7')).json(), { asked: '/v2?which=first' });

  await openMethod('/notes/{id}', 'GET');
  await button('Delete integration response 404').click();
  await dialog('Delete integration response').getByRole('textbox').fill('delete');
  await page.keyboard.press('Enter');
  await page.getByText('4\\d{2}').waitFor({ state: 'hidden' });
  await button('Delete method response 404').click();
  await dialog('Delete method response').getByRole('textbox').fill('delete');
  await page.keyboard.press('Enter');
  await page.getByText('X-Reason').waitFor({ state: 'hidden' });
});

test('CORS', async () => {
  await link('Resources').first().click();
  await page.getByRole('link', { name: '/notes', exact: true }).click();
  await button('Enable CORS').click();
  const form = dialog('Enable CORS of /notes');
  await form.getByRole('checkbox', { name: 'DEFAULT_4XX' }).check();
  await look(page, 'api-cors');
  await form.getByRole('button', { name: 'Save' }).click();
  await page.getByText('CORS is on for /notes.').waitFor();
  await deploy();
  const preflight = await invoke('/notes', { method: 'OPTIONS' });
  assert.equal(preflight.status, 200);
  assert.equal(preflight.headers.get('access-control-allow-methods'), 'GET,OPTIONS,POST');
  assert.equal((await invoke('/notes')).headers.get('access-control-allow-origin'), '*');
  const refused = await invoke('/notes', { method: 'POST', body: '{}' });
  assert.deepEqual([refused.status, refused.headers.get('access-control-allow-origin')], [400, '*']);
});

test('a gateway response: edit, see it, reset it', async () => {
  await link('Gateway responses').first().click();
  const table = page.getByRole('table', { name: 'Gateway responses' });
  await table.getByText('MISSING_AUTHENTICATION_TOKEN').waitFor();
  assert.equal(await table.getByRole('rowheader').count(), 21);
  await look(page, 'api-gateway-responses');
  await button('Edit MISSING_AUTHENTICATION_TOKEN').click();
  const form = dialog('Edit gateway response Missing authentication token');
  await form.getByLabel(/^Status code/).fill('404');
  await form.getByRole('button', { name: 'Add header' }).click();
  await textbox('Name of header 2').fill('X-Help');
  await textbox('Mapped from of header 2').fill("'/docs'");
  await textbox('Template 1').fill('{"error": $context.error.messageString, "type": "$context.error.responseType"}');
  await look(page, 'api-gateway-response');
  await form.getByRole('button', { name: 'Save' }).click();
  await table.getByRole('row').filter({ hasText: 'MISSING_AUTHENTICATION_TOKEN' }).getByText('Customized').waitFor();
  await deploy();
  const answer = await invoke('/nowhere');
  assert.equal(answer.status, 404);
  assert.equal(answer.headers.get('x-help'), '/docs');
  assert.deepEqual(await answer.json(), { error: 'Missing Authentication Token', type: 'MISSING_AUTHENTICATION_TOKEN' });

  await link('Gateway responses').first().click();
  await page.getByRole('radio', { name: 'Select MISSING_AUTHENTICATION_TOKEN' }).check();
  await button('Reset to default').click();
  await page.getByText('MISSING_AUTHENTICATION_TOKEN is as API Gateway makes it.').waitFor();
  await deploy();
  assert.equal((await invoke('/nowhere')).status, 403);
});

test('API settings', async () => {
  await link('API settings').first().click();
  await page.getByText('Header: X-API-Key').waitFor();
  await look(page, 'api-settings');
  await button('Edit API details').click();
  await dialog('Edit API details').getByLabel('Description').fill('Notes, checked');
  await look(page, 'api-settings-details');
  await dialog('Edit API details').getByRole('button', { name: 'Save changes' }).click();
  await page.getByText('Notes, checked').first().waitFor();
  await button('Edit API key source').click();
  await dialog('Edit API key source').getByRole('radio', { name: 'Authorizer' }).check();
  await look(page, 'api-settings-keys');
  await dialog('Edit API key source').getByRole('button', { name: 'Save changes' }).click();
  await page.getByText('Authorizer: the usageIdentifierKey').waitFor();
  await button('Edit binary media types').click();
  await dialog('Manage binary media types').getByRole('textbox').fill('image/png\napplication/zip');
  await dialog('Manage binary media types').getByRole('button', { name: 'Save changes' }).click();
  await page.getByText('image/png, application/zip').waitFor();
  await button('Edit content encoding').click();
  await dialog('Edit content encoding').getByRole('checkbox', { name: 'Content encoding' }).check();
  await look(page, 'api-settings-compression');
  await dialog('Edit content encoding').getByRole('button', { name: 'Save changes' }).click();
  await page.getByText('Active for bodies of at least 1,024 bytes').waitFor();
});

test('the resource policy: an example filled in, in force after a deployment, deleted', async () => {
  await link('Resource policy').first().click();
  await button('IP range denylist').click();
  await page.getByText('Fill in {{sourceIpOrCIDRBlock}}.').waitFor();
  assert.ok(await button('Save changes').isDisabled());
  await look(page, 'api-policy-example');
  const editor = textbox('Policy document');
  const deny = { Effect: 'Deny', Principal: '*', Action: 'execute-api:Invoke', Resource: 'execute-api:/*/GET/notes', Condition: { IpAddress: { 'aws:SourceIp': '127.0.0.1' } } };
  await editor.fill(JSON.stringify({ Version: '2012-10-17', Statement: [{ ...deny, Effect: 'Maybe' }] }));
  await button('Save changes').click();
  await page.getByText(/^Invalid policy document/).waitFor();
  const allow = { Effect: 'Allow', Principal: '*', Action: 'execute-api:Invoke', Resource: 'execute-api:/*' };
  await editor.fill(JSON.stringify({ Version: '2012-10-17', Statement: [allow, deny] }));
  await button('Save changes').click();
  await page.getByText('The resource policy was saved.').waitFor();
  await page.getByText(`arn:aws:execute-api:us-east-1:000000000000:${api}/*/GET/notes`).waitFor();
  await look(page, 'api-policy');
  await deploy();
  assert.equal((await invoke('/notes')).status, 403);
  await link('Resource policy').first().click();
  await button('Delete').click();
  await page.getByText('The resource policy was deleted.').waitFor();
  await deploy();
  assert.equal((await invoke('/notes')).status, 200);
});

test('documentation: a part, a version', async () => {
  await link('Documentation').first().click();
  await page.getByText('No documentation').waitFor();
  await button('Create documentation part').first().click();
  await choose('Type', 'RESOURCE');
  await dialog('Create documentation part').getByLabel('Path').fill('/notes');
  await textbox('Properties').fill('{"description": "All notes"}');
  await look(page, 'api-documentation-part');
  await dialog('Create documentation part').getByRole('button', { name: 'Create', exact: true }).click();
  await page.getByRole('cell', { name: 'All notes' }).waitFor();
  await button('Publish documentation').click();
  await dialog('Publish documentation').getByLabel('Version').fill('1.0');
  await choose('Stage', 'prod');
  await look(page, 'api-documentation-publish');
  await dialog('Publish documentation').getByRole('button', { name: 'Publish', exact: true }).click();
  await page.getByText('Version 1.0 of the documentation was published to stage prod.').waitFor();
  await page.getByRole('table', { name: 'Published versions' }).getByText('1.0').waitFor();
  await look(page, 'api-documentation');
  await page.clean(/status of 40\d/);
});
