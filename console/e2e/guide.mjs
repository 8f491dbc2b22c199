// The guide, by mouse and keyboard: create the role, set it, make an API, deploy it, turn on its access logs, see the
// entries in CloudWatch. Every page on the way is checked with axe.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { look, startUpstream } from './apigateway_kit.mjs';
import { openPage, startBrowser, startServer } from './harness.mjs';

// As the guide prints it, over several lines.
const guideFormat = `{ "requestId":"$context.requestId",
  "ip": "$context.identity.sourceIp",
  "caller":"$context.identity.caller",
  "user":"$context.identity.user",
  "requestTime":"$context.requestTime",
  "httpMethod":"$context.httpMethod",
  "resourcePath":"$context.resourcePath",
  "status":"$context.status",
  "protocol":"$context.protocol",
  "responseLength":"$context.responseLength"
}
`;

/**
 * Defines the tests of the guide against a server of its own.
 * @param flags of `tollbook serve`
 * @param begin does what comes before the first page, with the page and the server
 * @param end looks at the page after the last step
 */
export function theGuide({ flags = [], begin = () => {}, end = () => {} } = {}) {
  let server, upstream, browser, page, roleArn, apiId;
  before(async () => {
    [server, upstream, browser] = await Promise.all([startServer(...flags), startUpstream(), startBrowser()]);
    page = await openPage(browser, server, '/console/');
    await begin(page, server);
  });

  after(async () => {
    await browser?.close();
    await upstream?.stop();
    await server?.stop();
  });

  const button = (name) => page.getByRole('button', { name, exact: true });
  const link = (name) => page.getByRole('link', { name, exact: true });
  const heading = (name) => page.getByRole('heading', { name });

  test('create the role', async () => {
    await link('Roles').click();
    await page.getByText('No roles').waitFor();
    await look(page, 'iam-roles-empty');
    await link('Create role').first().click();

    await page.getByRole('radio', { name: 'AWS service' }).waitFor();
    await button('Next: Permissions').click();
    await page.getByText('Select the service that will use this role.').waitFor();
    await page.getByRole('radio', { name: 'API Gateway' }).check();
    await page.getByText('"Service": "apigateway.amazonaws.com"').waitFor();
    await look(page, 'iam-create-role-1');
    await button('Next: Permissions').click();
    await page.getByText('AmazonAPIGatewayPushToCloudWatchLogs').first().waitFor();
    await page.getByText('logs:PutLogEvents').waitFor();
    await look(page, 'iam-create-role-2');
    await button('Next: Review').click();
    const name = page.getByRole('textbox', { name: 'Role name' });
    assert.equal(await name.inputValue(), 'APIGatewayCloudWatchLogs');
    await look(page, 'iam-create-role-3');
    await name.press('End');
    await button('Create role').click();

    await page.getByText('Role APIGatewayCloudWatchLogs was created.').waitFor();
    await look(page, 'iam-roles');
    await link('APIGatewayCloudWatchLogs').click();
  });

  test("take a note of the role's ARN", async () => {
    await button('Copy Role ARN').click();
    roleArn = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(roleArn, 'arn:aws:iam::000000000000:role/APIGatewayCloudWatchLogs');
    await page.getByText('AmazonAPIGatewayPushToCloudWatchLogs').first().waitFor();
    await look(page, 'iam-role');
    await page.getByRole('tab', { name: 'Trust relationships' }).click();
    await page.getByText('"Service": "apigateway.amazonaws.com"').waitFor();
  });

  test('set it in Settings, with the keyboard', async () => {
    await link('Settings').click();
    const field = page.getByRole('combobox', { name: 'CloudWatch log role ARN' });
    await field.fill('arn:aws:iam::000000000000:role/nobody');
    await field.press('Escape');
    await button('Save').click();
    await page.getByText('The role ARN does not have required permissions configured.').waitFor();
    await page.getByText('BadRequestException').waitFor();
    await page.getByText(/Request ID: [0-9a-f-]{36}/).waitFor();

    await field.fill('');
    await page.keyboard.press('ControlOrMeta+V');
    assert.equal(await field.inputValue(), roleArn);
    await field.press('Escape');
    await field.press('Enter');
    await page.getByText('API Gateway now writes logs with the role.').waitFor();
    await look(page, 'apigateway-settings');
  });

  test('make an API before the upstream', async () => {
    await link('APIs').first().click();
    await page.getByText('No APIs').waitFor();
    await look(page, 'apigateway-apis-empty');
    await link('Create API').first().click();
    await page.getByRole('textbox', { name: 'API name' }).fill('notes-app');
    await page.getByRole('textbox', { name: /Description/ }).fill('Notes behind the gateway');
    await look(page, 'apigateway-create');
    await button('Create API').click();
    await heading('notes-app').waitFor();
    apiId = /apis\/(\w+)\//.exec(page.url())[1];

    await button('Create resource').click();
    await page.getByRole('textbox', { name: 'Resource path part' }).fill('notes');
    await page.keyboard.press('Enter');
    await heading('/notes').waitFor();
    await button('Create resource').click();
    await page.getByRole('textbox', { name: 'Resource path part' }).fill('{id}');
    await page.keyboard.press('Enter');
    await heading('/notes/{id}').waitFor();

    await createMethod(`${upstream.url}/notes/{id}`, 'Passed on from the path: id.');
    await heading('GET /notes/{id}').waitFor();
    for (const station of ['Method request', 'Integration request', 'Integration response', 'Method response']) {
      await heading(station).waitFor();
    }
    await look(page, 'apigateway-method');

    await page.getByRole('link', { name: '/notes', exact: true }).click();
    await createMethod(`${upstream.url}/wrong`);
    await button('Edit integration request').click();
    await page.getByRole('textbox', { name: 'Endpoint URL' }).fill(`${upstream.url}/notes`);
    await page.keyboard.press('Enter');
    await page.getByText(`${upstream.url}/notes`, { exact: true }).waitFor();
  });

  async function createMethod(uri, hint) {
    await button('Create method').first().click();
    await page.getByRole('textbox', { name: 'Endpoint URL' }).fill(uri);
    if (hint) {
      await page.getByText(hint).waitFor();
      await look(page, 'apigateway-create-method');
    }
    await page.getByRole('dialog').getByRole('button', { name: 'Create method' }).click();
    await page.getByRole('group', { name: /^Flow of/ }).waitFor();
  }

  test('deploy it to prod', async () => {
    await button('Deploy API').click();
    await page.getByRole('textbox', { name: 'Stage name' }).fill('prod');
    await look(page, 'apigateway-deploy');
    await page.keyboard.press('Enter');
    await page.getByText('The API was deployed to stage prod.').waitFor();
    await page.getByText(`${server.gateway}/${apiId}/prod`).first().waitFor();
    await look(page, 'apigateway-stage');
    await link('Stages').first().click();
    await link('prod').waitFor();
    await look(page, 'apigateway-stages');
  });

  test('enable access logging in the Logs tab', async () => {
    await link('prod').click();
    await page.getByRole('tab', { name: 'Logs' }).click();
    await look(page, 'apigateway-logs-off');
    await page.getByRole('checkbox', { name: 'Enable Access Logging' }).click();
    const destination = page.getByRole('textbox', { name: 'CloudWatch log group ARN' });
    assert.equal(await destination.inputValue(), `arn:aws:logs:us-east-1:000000000000:log-group:API-Gateway-Access-Logs_${apiId}/prod`);
    await page.getByText('A made-up request, until the stage has logged one.').waitFor();

    const format = page.getByRole('textbox', { name: 'Log format' });
    const preview = page.getByRole('region', { name: 'Preview of an entry' });
    await button('Insert CLF format').click();
    await preview.getByText('203.0.113.7 - - [18/Apr/2026:23:05:24 +0000]"GET /notes/{id} HTTP/1.1" 200 26').waitFor();

    await format.fill('{"s":$context.sta');
    await page.getByText('must include either $context.requestId or $context.extendedRequestId').waitFor();
    await format.press('End');
    await page.keyboard.type('t');
    await page.getByRole('listbox', { name: '$context variables' }).waitFor();
    assert.deepEqual(await page.getByRole('option').first().textContent(), '$context.status');
    await look(page, 'apigateway-logs-completion');
    await page.keyboard.press('Enter');
    assert.equal(await format.inputValue(), '{"s":$context.status');

    await page.evaluate((text) => navigator.clipboard.writeText(text), guideFormat);
    await format.press('ControlOrMeta+A');
    await format.press('ControlOrMeta+V');
    await page.getByText('The 11 pasted lines were folded into one.').waitFor();
    assert.equal(await format.inputValue(), guideFormat.trim().replace(/\n */g, ' '));
    await look(page, 'apigateway-logs-on');
    await button('Save changes').click();
    await page.getByText('Access logs of stage prod are on.').waitFor();
  });

  test('see the requests in CloudWatch', async () => {
    for (let i = 0; i < 5; i++) {
      const answer = await fetch(`${server.gateway}/${apiId}/prod/notes${i % 2 ? `/${i}` : ''}`);
      assert.equal(answer.status, 200);
      assert.deepEqual(await answer.json(), { method: 'GET', url: `/notes${i % 2 ? `/${i}` : ''}` });
    }
    assert.equal((await fetch(`${server.gateway}/${apiId}/prod/nothing`)).status, 403);
    await page.waitForTimeout(300); // entries are durable within 100 ms
    await button('Take the newest entry').click();
    await page.getByText("The stage's newest request, of").waitFor();
    const preview = page.getByRole('region', { name: 'Preview of an entry' });
    assert.match(await preview.textContent(), /"ip": "127\.0\.0\.1"/);
    await button('Insert CSV format').click();
    assert.match(await preview.textContent(), /^127\.0\.0\.1,-,-,\d\d\/\w{3}\/\d{4}:/);
    await page.getByText('Not in that entry, so made up here: $context.extendedRequestId.').waitFor();
    await look(page, 'apigateway-logs-preview');
    await button('Discard').click();

    await page.getByRole('link', { name: 'View log group in CloudWatch' }).click();
    await page.getByText('/notes/{id}').first().waitFor();
    assert.match(page.url(), /logs\/group\?group=API-Gateway-Access-Logs_/);
  });

  test('the same by the way of the guide: log groups, streams, the first stream, a row', async () => {
    await link('Log groups').first().click();
    await link(`API-Gateway-Access-Logs_${apiId}/prod`).click();
    await page.getByRole('tab', { name: 'Log streams' }).click();
    const streams = page.getByRole('table', { name: 'Log streams' }).getByRole('link');
    await streams.first().click();
    await page.getByRole('treegrid').waitFor();
    await page.getByRole('treegrid').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    const message = page.getByRole('region', { name: 'Message' });
    await message.getByText('"requestId"').waitFor();
    for (const field of ['ip', 'caller', 'user', 'requestTime', 'httpMethod', 'resourcePath', 'status', 'protocol', 'responseLength']) {
      assert.match(await message.textContent(), new RegExp(`"${field}"`));
    }
    await end(page, server);
    await page.clean(/status of 40[03]/); // the role that AWS refused, the key that was wrong
  });
}
