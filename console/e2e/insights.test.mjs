// Logs Insights in the browser: the editor, its errors and completion, the rows as table and charts, history, saved
// queries, files, links; and the histogram of a log group, which a query counts.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { CreateLogGroupCommand, CreateLogStreamCommand, DescribeQueriesCommand, DescribeQueryDefinitionsCommand, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { look } from './apigateway_kit.mjs';
import { accessible, logsClient, openPage, picture, startBrowser, startServer } from './harness.mjs';

const group = 'API-Gateway-Access-Logs_abcdef1234/prod';
const count = 12_000;
const statuses = ['200', '200', '200', '404', '502'];
const paths = ['/notes', '/notes/{id}', '/users'];
let server, browser, start;

before(async () => {
  [server, browser] = await Promise.all([startServer(), startBrowser()]);
  const client = logsClient(server);
  await client.send(new CreateLogGroupCommand({ logGroupName: group }));
  await client.send(new CreateLogGroupCommand({ logGroupName: '/other/group' }));
  await client.send(new CreateLogStreamCommand({ logGroupName: group, logStreamName: 's' }));
  start = Date.now() - 50 * 60_000;
  for (let from = 0; from < count; from += 4000) {
    const logEvents = Array.from({ length: 4000 }, (_, i) => {
      const n = from + i;
      const message = JSON.stringify({ requestId: `id-${n}`, ip: `10.0.0.${n % 7}`, httpMethod: 'GET', resourcePath: paths[n % 3], status: statuses[n % 5], responseLatency: String((n * 13) % 300), 'user-agent': 'e2e' });
      return { timestamp: start + n * 200, message };
    });
    await client.send(new PutLogEventsCommand({ logGroupName: group, logStreamName: 's', logEvents }));
  }
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const address = (query, groups = [group], range = '1h') => `/console/logs/insights#${new URLSearchParams([...groups.map((g) => ['group', g]), ['range', range], ['query', query]])}`;
const run = (page) => page.getByRole('button', { name: 'Run query' }).click();
const editor = (page) => page.getByRole('textbox', { name: 'Query', exact: true });
const cells = async (page) => (await page.locator('.tb-entry').allTextContents()).map((t) => t.trim());

async function write(page, text) {
  await editor(page).click();
  await page.locator('.cm-editor').waitFor(); // it is loaded when it is wanted
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.insertText(text);
}

test('from the log group to a table: choose, write with completion, run with the keyboard', async () => {
  const page = await openPage(browser, server, `/console/logs/group?group=${group}`);
  await page.getByRole('link', { name: 'Query in Logs Insights' }).click();
  await page.getByText('Run query, or Control and Enter in the editor.').waitFor();
  await editor(page).waitFor();
  await look(page, 'insights-empty');
  await write(page, 's');
  await page.keyboard.type('ta');
  const list = page.getByRole('listbox');
  await list.getByRole('option', { name: /^stats/ }).waitFor();
  await look(page, 'insights-completion');
  await page.keyboard.press('Enter');
  await page.keyboard.type('coun');
  await list.getByRole('option', { name: /^count/ }).first().waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.type('t(*) as requests by res');
  const field = list.getByRole('option', { name: 'resourcePath' }); // of this group
  await field.waitFor();
  while (!(await editor(page).textContent()).includes('by resourcePath')) {
    await field.click({ timeout: 1000 }).catch(() => {}); // what was just opened takes no click for a moment
  }
  await page.keyboard.press('ControlOrMeta+Enter');
  await page.getByRole('columnheader', { name: 'requests' }).waitFor();
  assert.deepEqual((await cells(page)).sort(), paths.map((p) => `${p}4000`).sort());
  await page.getByText(`12,000 of 12,000 entries matched`).waitFor();
  await page.getByRole('button', { name: 'requests', exact: true }).waitFor();
  await look(page, 'insights-table');
  await page.clean();
});

test('the default query: rows open to all their fields, columns sort', async () => {
  const page = await openPage(browser, server, address('fields @timestamp, status, responseLatency | sort @timestamp desc | limit 50'), { width: 1920, height: 1080 });
  await run(page);
  await page.locator('.tb-entry').first().click();
  await page.getByText('id-11999').first().waitFor();
  await page.getByRole('link', { name: 'Open entry' }).waitFor();
  await look(page, 'insights-row');
  await page.getByRole('button', { name: 'responseLatency', exact: true }).click();
  await page.getByRole('button', { name: 'responseLatency ▲', exact: true }).click();
  await page.getByRole('columnheader', { name: /responseLatency/ }).and(page.locator('[aria-sort=descending]')).waitFor();
  const shown = await page.locator('.tb-entry > :nth-child(3)').allTextContents();
  assert.deepEqual(shown, [...shown].sort((a, b) => b - a));
  await page.locator('.tb-entry').first().click();
  await page.getByRole('link', { name: 'Open entry' }).last().click();
  await page.getByRole('heading', { name: /GET \/\w+/, level: 1 }).waitFor();
  await page.clean();
});

test('an error stands at its place', async () => {
  const page = await openPage(browser, server, address('fields @timestamp\n| stats cont(*) by status'));
  await run(page);
  await page.getByRole('alert').getByText(/line 2, column \d+/).waitFor();
  await page.getByText(/MalformedQueryException, request ID: [0-9a-f-]{36}/).waitFor();
  await page.locator('.cm-lintRange-error, .cm-lintPoint-error').first().waitFor();
  await look(page, 'insights-error');
  await editor(page).click();
  await page.keyboard.press('ControlOrMeta+End');
  await page.keyboard.type(' ');
  await page.getByRole('alert').waitFor({ state: 'detached' });
  await page.clean(/400 \(Bad Request\)/);
});

test('charts: lines over time, bars, a pie', async () => {
  const page = await openPage(browser, server, address('stats count(*) as requests by bin(5m), status'), { width: 1920, height: 1080 });
  await run(page);
  await page.getByRole('tab', { name: 'Visualization' }).click();
  await page.getByRole('img', { name: /line chart of .*200/ }).waitFor();
  assert.deepEqual((await page.getByRole('list', { name: 'Series' }).getByRole('listitem').allTextContents()).sort(), ['200', '404', '502']);
  await look(page, 'insights-lines');
  await page.getByRole('button', { name: 'Bar', exact: true }).click();
  await page.getByRole('img', { name: /bar chart/ }).waitFor();
  assert.ok((await page.locator('.tb-chart rect.bar').count()) > 20);
  await write(page, 'stats count(*) as requests by status');
  await run(page);
  await page.getByRole('button', { name: 'Pie', exact: true }).click();
  await page.getByText(/^200: 7,200 +\(60\.0 %\)$/).waitFor();
  await look(page, 'insights-pie');
  await write(page, 'fields @message | limit 3');
  await run(page);
  await page.getByText('Nothing to draw').waitFor();
  await page.clean();
});

test('a query that runs on shows how it gets on, and is stopped on the server', async () => {
  const page = await openPage(browser, server, address('stats count(*)'));
  const still = { status: 'Running', results: [[{ field: 'count(*)', value: '7' }]], statistics: { recordsMatched: 7, recordsScanned: 9, bytesScanned: 2048 } };
  await page.route(`${server.api}/`, (route) => // the server has answered long before anybody could press Cancel
    route.request().headers()['x-amz-target']?.endsWith('.GetQueryResults') ? route.fulfill({ json: still, contentType: 'application/x-amz-json-1.1' }) : route.continue());
  await run(page);
  await page.getByText('7 of 9 entries matched · 2 KB read').waitFor();
  await page.getByText('The query runs on.').waitFor();
  await accessible(page);
  await picture(page, 'insights-running-1280-light');
  const [stop] = await Promise.all([page.waitForRequest((r) => r.headers()['x-amz-target']?.endsWith('.StopQuery')), page.getByRole('button', { name: 'Cancel' }).click()]);
  assert.match(stop.postDataJSON().queryId, /^[0-9a-f-]{36}$/);
  await page.getByRole('status').getByText('Cancelled').waitFor();
  await page.clean(/400 \(Bad Request\)/); // it had ended
});

test('a link shows the same query; the way back the one before', async () => {
  const page = await openPage(browser, server, address('stats count(*) as a'));
  await run(page);
  await page.getByRole('columnheader', { name: 'a', exact: true }).waitFor();
  await write(page, 'stats count(*) as b');
  await run(page);
  await page.getByRole('columnheader', { name: 'b', exact: true }).waitFor();
  const other = await openPage(browser, server, page.url().slice(server.api.length));
  await editor(other).getByText('stats count(*) as b').waitFor();
  await other.getByRole('button', { name: `Leave out ${group}` }).waitFor();
  await other.clean();
  await page.goBack();
  await editor(page).getByText('stats count(*) as a').waitFor();
  await page.clean();
});

test('several log groups, chosen by mouse; a missing one is said', async () => {
  const page = await openPage(browser, server, address('stats count(*) as n by @log', []));
  await page.getByText('Choose a log group first.').waitFor();
  assert.ok(await page.getByRole('button', { name: 'Run query' }).isDisabled());
  await page.getByRole('button', { name: /Log groups/ }).click();
  await page.getByRole('option', { name: group }).click();
  await page.getByRole('option', { name: '/other/group' }).click();
  await page.keyboard.press('Escape');
  await run(page);
  await page.getByText(`000000000000:${group}`).waitFor();
  await page.goto(`${server.api}${address('limit 1', ['/gone'])}`);
  await page.reload();
  await run(page);
  await page.getByText('ResourceNotFoundException').first().waitFor();
  await page.clean(/400 \(Bad Request\)/);
});

test('history and saved queries', async () => {
  const page = await openPage(browser, server, address('stats count(*) as kept by status'));
  await run(page);
  await page.getByRole('columnheader', { name: 'kept' }).waitFor();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('dialog').getByLabel('Query name').fill('mine/by status');
  await look(page, 'insights-save');
  await page.keyboard.press('Enter');
  await page.getByText('Query mine/by status was saved.').waitFor();
  const { queryDefinitions } = await logsClient(server).send(new DescribeQueryDefinitionsCommand({}));
  assert.deepEqual(queryDefinitions.map(({ name, queryString, logGroupNames }) => ({ name, queryString, logGroupNames })), [{ name: 'mine/by status', queryString: 'stats count(*) as kept by status', logGroupNames: [group] }]);

  await write(page, 'limit 1');
  await page.getByRole('tab', { name: 'Saved queries' }).click();
  await page.getByRole('button', { name: 'mine/by status', exact: true }).click();
  await editor(page).getByText('stats count(*) as kept by status').waitFor();
  await look(page, 'insights-saved');
  await page.getByRole('button', { name: 'Delete mine/by status' }).click();
  await page.getByRole('dialog').getByRole('textbox').fill('delete');
  await page.keyboard.press('Enter');
  await page.getByText('No saved queries').waitFor();

  await page.getByRole('tab', { name: 'History' }).click();
  const row = page.getByRole('table', { name: 'History' }).getByRole('row').filter({ hasText: 'as kept' });
  await row.first().waitFor();
  await look(page, 'insights-history');
  await row.first().getByRole('button', { name: /Results/ }).click();
  await page.getByRole('columnheader', { name: 'kept' }).waitFor();
  assert.equal((await cells(page)).length, 3);
  const { queries } = await logsClient(server).send(new DescribeQueriesCommand({ maxResults: 10 }));
  assert.ok(queries.length > 0);
  await page.clean();
});

test('files: CSV and JSON', async () => {
  const page = await openPage(browser, server, address('stats count(*) as n by resourcePath | sort resourcePath asc'));
  await run(page);
  await page.locator('.tb-entry').first().waitFor();
  const take = async (item) => {
    await page.getByRole('button', { name: 'Export results' }).click();
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: item }).click()]);
    return readFile(await file.path(), 'utf8');
  };
  assert.equal(await take('Download table (CSV)'), 'resourcePath,n\r\n/notes,4000\r\n/notes/{id},4000\r\n/users,4000\r\n');
  assert.deepEqual(JSON.parse(await take('Download table (JSON)')), [{ resourcePath: '/notes', n: '4000' }, { resourcePath: '/notes/{id}', n: '4000' }, { resourcePath: '/users', n: '4000' }]);
  await page.clean();
});

test("a log group's histogram covers the whole range, of which a part is loaded", async () => {
  const page = await openPage(browser, server, `/console/logs/group?group=${group}&range=1h`, { width: 1920, height: 1080 });
  await page.locator('.tb-whole', { hasText: /^12,000 entries$/ }).waitFor();
  await page.getByRole('img', { name: /12,000 entries: 7,200 2xx, 2,400 4xx, 2,400 5xx/ }).waitFor();
  const held = Number((await page.locator('.tb-count').textContent()).replace(/\D/g, ''));
  assert.ok(held < count, `${held} loaded`);
  await look(page, 'log-group-whole');
  await page.getByLabel('Filter pattern').fill('{ $.status = 5* || $.resourcePath = "/users" }');
  await page.keyboard.press('Enter');
  await page.getByRole('img', { name: /5,600 entries/ }).waitFor();
  await page.getByLabel('Filter pattern').fill('%id-[0-9]%');
  await page.keyboard.press('Enter');
  await page.getByText('This filter pattern has no equal in queries.').waitFor();
  await picture(page, 'log-group-part-1920-light');
  await page.clean();
});
