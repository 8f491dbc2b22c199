// Execution logs turned on in the Logs tab, and the story of one request: on its entry's page, and by its ID alone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { APIGatewayClient, CreateDeploymentCommand, GetResourcesCommand, PutIntegrationCommand, UpdateStageCommand } from '@aws-sdk/client-api-gateway';
import { look, startUpstream } from './apigateway_kit.mjs';
import { openPage, startBrowser, startServer } from './harness.mjs';

let server, upstream, browser, page, api, id;

before(async () => {
  [server, upstream, browser] = await Promise.all([startServer('--sample'), startUpstream(), startBrowser()]);
  api = server.sample;
  await prepare();
  page = await openPage(browser, server, `/console/apigateway/apis/${api}/stages/prod?tab=logs`);
});

after(async () => {
  await browser?.close();
  await upstream?.stop();
  await server?.stop();
});

/** GET /notes/{id} asks a real back end, and the access log tells what that took. */
async function prepare() {
  const client = new APIGatewayClient({ endpoint: server.api, region: 'us-east-1', credentials: { accessKeyId: 'any', secretAccessKey: 'any' } });
  const { items } = await client.send(new GetResourcesCommand({ restApiId: api }));
  const at = { restApiId: api, resourceId: items.find((r) => r.path === '/notes/{id}').id, httpMethod: 'GET' };
  await client.send(new PutIntegrationCommand({ ...at, type: 'HTTP_PROXY', integrationHttpMethod: 'GET', uri: `${upstream.url}/note` }));
  await client.send(new CreateDeploymentCommand({ restApiId: api, stageName: 'prod' }));
  const format = '{"requestId":"$context.requestId","ip":"$context.identity.sourceIp","httpMethod":"$context.httpMethod","path":"$context.path","resourcePath":"$context.resourcePath","status":$context.status,'
    + '"responseLength":$context.responseLength,"responseLatency":$context.responseLatency,"integrationLatency":"$context.integrationLatency","integrationStatus":"$context.integrationStatus"}';
  await client.send(new UpdateStageCommand({ restApiId: api, stageName: 'prod', patchOperations: [{ op: 'replace', path: '/accessLogSettings/format', value: format }] }));
  client.destroy();
}

const button = (name) => page.getByRole('button', { name, exact: true });
const call = async () => {
  const answer = await fetch(`${server.gateway}/${api}/prod/notes/7`);
  assert.equal(answer.status, 200);
  return answer.headers.get('x-amzn-requestid');
};
const timeline = () => page.getByRole('table', { name: 'Timeline' });

test('turn on execution logs and detailed metrics', async () => {
  await call(); // before there is an execution log
  await page.getByRole('radio', { name: 'Full request and response logs' }).check();
  await page.getByRole('checkbox', { name: 'Detailed metrics' }).click();
  await look(page, 'stage-execution-logs');
  await button('Save execution logs and metrics').click();
  await page.getByText('Execution logs and metrics of stage prod were changed.').waitFor();
  id = await call();
  await page.waitForTimeout(500); // lines are durable within 100 ms
});

test("an entry's page tells the story of its request", async () => {
  await page.goto(`${server.api}/console/logs/group?group=API-Gateway-Access-Logs_${api}/prod`);
  await page.getByRole('treegrid').getByText('/notes/{id}').first().waitFor();
  await page.getByRole('treegrid').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Open entry' }).click();
  await page.getByRole('heading', { name: 'Request trace' }).waitFor();
  for (const text of ['Request arrived from 127.0.0.1', `Sending request to ${upstream.url}/note`, 'Method request headers: {', 'Method completed with status: 200']) {
    await timeline().getByText(text).first().waitFor();
  }
  await timeline().getByText(/^Answered 200, \d+ bytes; the back end took \d+ ms for its 200 of \d+ ms$/).waitFor();
  await page.getByRole('img', { name: /^\d+ ms: Gateway, before \d+ ms, Back end \d+ ms, Gateway, after \d+ ms$/ }).waitFor();
  await page.getByText('ApiName = notes, Method = GET, Resource = /notes/{id}, Stage = prod').waitFor();
  await look(page, 'request-trace-entry');
});

test('the same by the request ID alone', async () => {
  await page.getByRole('link', { name: 'Request trace' }).click();
  const field = page.getByRole('textbox', { name: 'Request ID' });
  await field.fill('?');
  await page.getByText('This is no request ID.').waitFor();
  await look(page, 'request-trace-empty');
  await field.fill(id);
  await field.press('Enter');
  await timeline().getByText('Method completed with status: 200').waitFor();
  const rows = await timeline().getByRole('row').allTextContents();
  assert.match(rows[1], /Request arrived from 127\.0\.0\.1$/);
  assert.match(rows.at(-1), /Answered 200/);
  assert.equal(await page.getByRole('row').filter({ hasText: /^Count/ }).getByRole('cell').first().textContent(), '1');
  await look(page, 'request-trace');
  await page.getByRole('link', { name: 'Execution log', exact: true }).click();
  await page.getByRole('treegrid').getByText(`(${id}) `).first().waitFor();
  await page.getByRole('treegrid').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Trace request' }).click();
  await timeline().getByText('Method completed with status: 200').waitFor();
  await look(page, 'request-trace-from-line');
});

test('a request without an execution log, and an ID that nobody has', async () => {
  await page.goto(`${server.api}/console/logs/trace?id=00000000-0000-0000-0000-000000000000`);
  await page.getByText('No log entry of request 00000000-0000-0000-0000-000000000000').waitFor();
  await look(page, 'request-trace-none');
  await page.goto(`${server.api}/console/apigateway/apis/${api}/stages/prod?tab=logs`);
  await page.getByRole('radio', { name: 'Off', exact: true }).check();
  await button('Save execution logs and metrics').click();
  await page.getByText('Execution logs and metrics of stage prod were changed.').waitFor();
  const quiet = await call();
  await page.waitForTimeout(500);
  await page.goto(`${server.api}/console/logs/trace?id=${quiet}`);
  await page.getByText('There is no execution log of the request').waitFor();
  await page.getByRole('img', { name: /^\d+ ms: Gateway \d+ ms, Back end \d+ ms$/ }).waitFor();
  await page.clean();
});
