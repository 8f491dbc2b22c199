// The log pages, driven against the real binary with its sample API.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DescribeLogGroupsCommand, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { accessible, logsClient, openPage, picture, startBrowser, startServer } from './harness.mjs';

let server, browser, api, group;

before(async () => {
  [server, browser] = await Promise.all([startServer('--sample'), startBrowser()]);
  api = server.sample;
  group = `API-Gateway-Access-Logs_${api}/prod`;
  for (let i = 0; i < 40; i++) {
    await call('/notes');
    await call(`/notes/${i}`);
    await call('/none');
    await call('/notes', { method: 'POST', body: '{"text":"x"}' });
  }
  await untilLogged(160);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const call = (path, init) => fetch(`${server.gateway}/${api}/prod${path}`, init);

async function untilLogged(count) {
  for (let i = 0; i < 100; i++) {
    const { events } = await logsClient(server).send(new FilterLogEventsCommand({ logGroupName: group }));
    if (events.length >= count) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  assert.fail('the entries did not come');
}

const rows = (page) => page.locator('.tb-entry');
const groupURL = (more = '') => `/console/logs/group?group=${group}${more}`;

test('the first view', async (t) => {
  const started = performance.now();
  const page = await openPage(browser, server, '/console/');
  await page.getByRole('heading', { name: 'Tollbook', level: 1 }).waitFor();
  const took = performance.now() - started;
  t.diagnostic(`the first view took ${took.toFixed(0)} ms`);
  const bytes = await page.evaluate(() => performance.getEntriesByType('resource').filter((r) => /\.(js|css)$/.test(new URL(r.name).pathname)).reduce((sum, r) => sum + r.encodedBodySize, 0));
  assert.ok(bytes > 0 && bytes < 450_000, `${bytes} bytes of script and style`);
  await accessible(page);
  await picture(page, 'home-1280-light');
  await page.clean();
});

test('log groups: create, change retention, find, delete', async () => {
  const page = await openPage(browser, server, '/console/');
  await page.getByRole('link', { name: 'Log groups' }).click();
  await page.getByRole('link', { name: group }).waitFor();
  await accessible(page);
  await page.getByRole('button', { name: 'Create log group' }).click();
  await page.getByLabel('Log group name').fill('not allowed');
  await page.getByText('The name holds a character that is not allowed.').waitFor();
  await page.getByLabel('Log group name').fill('/my/group');
  await accessible(page);
  await page.keyboard.press('Enter');
  await page.getByText('Log group /my/group created.').waitFor();
  await page.getByRole('radio', { name: '/my/group' }).check();
  await page.getByRole('button', { name: 'Edit retention' }).click();
  await page.getByRole('dialog').getByRole('button', { name: /Retention setting/ }).click();
  await page.getByRole('option', { name: '7 days', exact: true }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('cell', { name: '7 days' }).waitFor();
  await picture(page, 'log-groups-1280-light');
  const named = await logsClient(server).send(new DescribeLogGroupsCommand({ logGroupNamePrefix: '/my/group' }));
  assert.equal(named.logGroups[0].retentionInDays, 7);

  await page.getByRole('button', { name: 'Create log group' }).click();
  await page.getByLabel('Log group name').fill('/my/group');
  await page.getByRole('dialog').getByRole('button', { name: 'Create', exact: true }).click();
  await page.getByRole('dialog').getByText('ResourceAlreadyExistsException').waitFor();
  await page.getByRole('dialog').getByText('Request ID:').waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();

  await page.getByLabel('Find log groups').fill('no such name');
  await page.getByText('No log group has such a name').waitFor();
  await page.getByLabel('Find log groups').fill('/my');
  await page.getByRole('radio', { name: '/my/group' }).check();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  const confirm = page.getByRole('dialog').getByRole('button', { name: 'Delete' });
  assert.ok(await confirm.isDisabled());
  await page.getByRole('dialog').getByRole('textbox').fill('delete');
  await confirm.click();
  await page.getByText('Log group /my/group deleted.').waitFor();
  await page.clean(/400 \(Bad Request\)/);
});

test('all streams as one: search, expand, columns, histogram', async () => {
  const page = await openPage(browser, server, groupURL());
  await rows(page).first().waitFor();
  await page.getByRole('img', { name: /Entries over time\. \d+ entries/ }).waitFor();
  await accessible(page);
  await picture(page, 'log-group-1280-light');

  await page.getByLabel('Filter pattern').fill('{ $.status = 403 || $.status = 404 }');
  await page.keyboard.press('Enter');
  await page.locator('.tb-count', { hasText: /^40 entries$/ }).waitFor();
  assert.deepEqual([...new Set(await page.locator('.tb-entry .tb-status').allTextContents())].filter((s) => !['403', '404'].includes(s)), []);
  assert.match(page.url(), /filter=/);
  await page.reload();
  await page.locator('.tb-count', { hasText: /^40 entries$/ }).waitFor();

  await page.getByLabel('Filter pattern').fill('{ $.status = ');
  await page.keyboard.press('Enter');
  await page.getByText('InvalidParameterException').first().waitFor();
  await page.getByText(/Request ID: [0-9a-f-]{36}/).waitFor();
  await accessible(page);
  await page.getByLabel('Filter pattern').fill('');

  const list = page.getByRole('treegrid');
  await rows(page).first().waitFor();
  await list.focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByRole('region', { name: 'Message' }).getByText('"requestId"').waitFor();
  assert.equal(await rows(page).nth(1).getAttribute('aria-expanded'), 'true');
  await accessible(page);
  await picture(page, 'log-group-expanded-1280-light');
  await page.keyboard.press('Enter');

  await page.getByRole('button', { name: 'Columns of this log group' }).click();
  await page.getByRole('checkbox', { name: 'responseLength' }).click();
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.getByRole('columnheader', { name: 'responseLength' }).waitFor({ state: 'detached' });
  await page.reload();
  await page.getByRole('columnheader', { name: 'requestId', exact: true }).waitFor();
  assert.equal(await page.getByRole('columnheader', { name: 'responseLength' }).count(), 0, 'the choice is kept');
  await page.clean(/400 \(Bad Request\)/);
});

test('the empty state says what to do', async () => {
  const page = await openPage(browser, server, groupURL('&range=2020-01-01T00:00:00Z--2020-01-02T00:00:00Z'));
  await page.getByText('No entries in this time range').waitFor();
  await accessible(page);
  await page.getByRole('button', { name: 'Look back 30 days' }).click();
  await rows(page).first().waitFor();
  await page.clean();
});

test('following shows a request as it is made, and pauses', async () => {
  const page = await openPage(browser, server, groupURL());
  await rows(page).first().waitFor();
  await page.getByRole('button', { name: 'Follow' }).click();
  await page.getByText('Following').waitFor();
  const { headers } = await call('/notes');
  const id = headers.get('x-amzn-requestid');
  await page.getByText(id).waitFor();
  assert.ok((await rows(page).first().textContent()).includes(id), 'the newest entry is on top');
  await page.getByRole('button', { name: 'Pause' }).click();
  const later = (await call('/notes')).headers.get('x-amzn-requestid');
  await page.waitForTimeout(1800);
  assert.equal(await page.getByText(later).count(), 0, 'paused');
  await page.clean();
});

test('log streams, and the entries of one', async () => {
  const page = await openPage(browser, server, groupURL('&tab=streams'));
  const streams = page.getByRole('table', { name: 'Log streams' }).getByRole('link');
  await streams.first().waitFor();
  const times = await page.locator('table tbody tr td:nth-child(3)').allTextContents();
  const written = times.filter((t) => /^\d/.test(t));
  assert.ok(written.length > 0);
  assert.deepEqual(written, [...written].sort().reverse(), 'the latest first');
  await accessible(page);
  await picture(page, 'log-streams-1280-light');
  await streams.first().click();
  await rows(page).first().waitFor();
  await page.getByRole('link', { name: 'All streams merged' }).waitFor();
  await accessible(page);
  await page.clean();
});

test('an entry: fields, neighbours, link, replay', async () => {
  const page = await openPage(browser, server, groupURL('&filter=' + encodeURIComponent('{ $.resourcePath = "/notes/{id}" }')), { width: 1920, height: 1080 });
  await rows(page).first().click();
  await page.getByRole('link', { name: 'Open entry' }).click();
  await page.getByRole('heading', { name: /200\s*GET \/notes\/\{id\}/, level: 1 }).waitFor();
  await page.getByRole('table', { name: 'Neighbours in time' }).getByText('this entry', { exact: true }).waitFor();
  assert.ok((await page.getByRole('table', { name: 'Neighbours in time' }).getByRole('row').count()) > 5);
  await page.getByText('Put a value in place of {id} in the path.').waitFor();
  await page.getByLabel('Path and query').fill('/notes/77');
  await page.getByRole('button', { name: 'Send request' }).click();
  const answer = page.getByRole('status', { name: 'Answer' });
  await answer.getByText('200 OK').waitFor();
  await answer.getByText('Buy milk').waitFor();
  await accessible(page);
  await picture(page, 'entry-1920-light');

  const address = page.url();
  await page.getByRole('button', { name: 'Copy link' }).click();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), address);
  const other = await openPage(browser, server, address.slice(server.api.length));
  await other.getByRole('heading', { name: /200\s*GET \/notes\/\{id\}/, level: 1 }).waitFor();
  await picture(other, 'entry-1280-light');
  await other.clean();

  await answer.getByRole('link', { name: 'Find its entry in the log' }).click();
  await page.locator('.tb-count', { hasText: /^1 entry$/ }).waitFor();
  await page.clean();
});

test('an entry that is gone says so', async () => {
  const page = await openPage(browser, server, `/console/logs/entry?group=${group}&stream=none&at=1&id=1`);
  await page.getByText('ResourceNotFoundException').or(page.getByText('This entry is no longer kept')).waitFor();
  await accessible(page);
  await page.clean(/400 \(Bad Request\)/);
});

test('dark mode is kept; every log page is readable in it', async () => {
  const page = await openPage(browser, server, groupURL(), { width: 1920, height: 1080 });
  await page.getByRole('button', { name: 'Dark mode' }).click();
  await page.reload();
  await page.getByRole('button', { name: 'Light mode' }).waitFor();
  await rows(page).first().click();
  await page.getByRole('link', { name: 'Open entry' }).waitFor();
  await accessible(page);
  await picture(page, 'log-group-1920-dark');
  await page.getByRole('link', { name: 'Open entry' }).click();
  await page.getByRole('table', { name: 'Neighbours in time' }).getByText('this entry', { exact: true }).waitFor();
  await accessible(page);
  await picture(page, 'entry-1920-dark');
  await page.clean();
});

test('an unknown address leads home', async () => {
  const page = await openPage(browser, server, '/console/no/such/page');
  await page.getByText('There is nothing at this address').waitFor();
  await page.getByRole('link', { name: 'Home' }).click();
  await page.getByRole('heading', { name: 'Tollbook', level: 1 }).waitFor();
  await page.clean();
});
