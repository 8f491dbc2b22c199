// The log pages, driven against the real binary with its sample API.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DescribeLogGroupsCommand, FilterLogEventsCommand, ListTagsLogGroupCommand, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
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

test('tags of a log group: add, change, remove', async () => {
  const page = await openPage(browser, server, groupURL('&tab=tags'));
  await page.getByText('No tags').waitFor();
  const tags = async () => (await logsClient(server).send(new ListTagsLogGroupCommand({ logGroupName: group }))).tags;
  const dialog = page.getByRole('dialog', { name: 'Manage tags' });
  const manage = async (...steps) => {
    await page.getByRole('button', { name: 'Manage tags' }).click();
    for (const step of steps) await step();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
  };
  await manage(
    () => dialog.getByRole('button', { name: 'Add tag' }).click(),
    () => dialog.getByText('Each tag needs a key.').waitFor(),
    () => accessible(page),
    () => dialog.getByLabel('Key 1').fill('team'),
    () => dialog.getByLabel('Value 1').fill('notes'),
  );
  await page.getByRole('rowheader', { name: 'team' }).waitFor();
  await accessible(page);
  assert.deepEqual(await tags(), { team: 'notes' });
  await manage(
    () => dialog.getByLabel('Value 1').fill('gateway'),
    () => dialog.getByRole('button', { name: 'Add tag' }).click(),
    () => dialog.getByLabel('Key 2').fill('stage'),
  );
  await page.getByRole('cell', { name: 'gateway' }).waitFor();
  assert.deepEqual(await tags(), { team: 'gateway', stage: '' });
  await manage(() => dialog.getByRole('button', { name: 'Remove team' }).click());
  await page.getByRole('rowheader', { name: 'team' }).waitFor({ state: 'detached' });
  assert.deepEqual(await tags(), { stage: '' });
  await page.clean();
});

test('a log stream of one\'s own: create, page both ways by its tokens, open an entry', async () => {
  const page = await openPage(browser, server, groupURL('&tab=streams'));
  await page.getByRole('button', { name: 'Create log stream' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Log stream name').fill('a:b');
  await dialog.getByText('A name holds no : and no *.').waitFor();
  await accessible(page);
  await dialog.getByLabel('Log stream name').fill('mine');
  await page.keyboard.press('Enter');
  await page.getByText('Log stream mine created.').waitFor();
  const now = Date.now();
  const events = Array.from({ length: 9000 }, (_, n) => ({ timestamp: now - 3_000_000 + n * 300, message: `{"n":${n},"requestId":"mine-${n}","status":"200"}` }));
  await logsClient(server).send(new PutLogEventsCommand({ logGroupName: group, logStreamName: 'mine', logEvents: events }));

  const asked = [];
  page.on('request', (r) => r.method() === 'POST' && asked.push(r.headers()['x-amz-target']));
  await page.goto(`${server.api}/console/logs/stream?group=${group}&stream=mine&at=${events[4500].timestamp}`);
  await page.getByText('mine-4500').first().waitFor();
  const list = page.getByRole('treegrid');
  const keys = async (key) => {
    await list.focus();
    await page.keyboard.press(key);
  };
  const reach = async (key, text) => { // reading on goes with the list's end in sight
    for (let i = 0; i < 40 && !(await page.getByText(text, { exact: true }).first().isVisible()); i++) {
      await keys(key);
      await page.locator('.tb-count').waitFor();
      await page.waitForFunction((held) => document.querySelector('.tb-count').textContent !== held, await page.locator('.tb-count').textContent(), { timeout: 1000 }).catch(() => {});
    }
    await page.getByText(text, { exact: true }).first().waitFor();
  };
  await reach('End', 'mine-0');
  await reach('Home', 'mine-8999');
  await page.getByText('9,000 entries').first().waitFor();
  assert.ok(asked.includes('Logs_20140328.GetLogEvents'));
  assert.ok(!asked.includes('Logs_20140328.FilterLogEvents'), 'one stream is read by its tokens alone');
  await rows(page).first().click();
  await page.getByRole('link', { name: 'Open entry' }).click();
  await page.getByRole('heading', { name: 'Log entry', level: 1 }).or(page.getByRole('heading', { name: /200/, level: 1 })).first().waitFor();
  await page.getByRole('table', { name: 'Fields' }).getByText('mine-8999').waitFor();
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
