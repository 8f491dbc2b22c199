// Live tail in the browser: entries as they are written, filtered, highlighted, held back by a pause, and thousands a second.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CreateLogGroupCommand, CreateLogStreamCommand, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { look } from './apigateway_kit.mjs';
import { framesDuring, logsClient, openPage, picture, startBrowser, startServer } from './harness.mjs';

const rate = 3000; // entries a second
let server, browser, api, group;

before(async () => {
  [server, browser] = await Promise.all([startServer('--sample'), startBrowser()]);
  api = server.sample;
  group = `API-Gateway-Access-Logs_${api}/prod`;
  await call('/notes'); // which makes the group
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const call = (path) => fetch(`${server.gateway}/${api}/prod${path}`);
const rows = (page) => page.locator('.tb-entry');
const button = (page, name) => page.getByRole('button', { name, exact: true });
const live = (page) => page.getByText('Live', { exact: true }).waitFor();

test('from the log group: live, highlighted, paused, opened, stopped', async (t) => {
  const page = await openPage(browser, server, `/console/logs/group?group=${group}`);
  await page.getByRole('link', { name: 'Follow in live tail' }).click();
  await live(page);
  await page.getByText('No entries yet').waitFor();
  await look(page, 'live-tail-empty');
  const started = performance.now();
  const id = (await call('/notes')).headers.get('x-amzn-requestid');
  await page.getByText(id).waitFor();
  t.diagnostic(`a request is seen ${(performance.now() - started).toFixed(0)} ms after it was sent`);
  await call('/none');
  await rows(page).nth(1).waitFor();
  await page.getByLabel('Highlight').fill('/notes, 403');
  await page.locator('mark', { hasText: '/notes' }).first().waitFor();
  await look(page, 'live-tail');

  await button(page, 'Pause').click();
  const later = (await call('/notes')).headers.get('x-amzn-requestid');
  await page.getByText('1 wait for the end of the pause').waitFor();
  assert.equal(await page.getByText(later).count(), 0);
  await button(page, 'Resume').click();
  await page.getByText(later).waitFor();

  await rows(page).first().click();
  await button(page, 'Stop').click();
  await page.getByText('Stopped', { exact: true }).waitFor();
  await page.getByRole('link', { name: 'Open entry' }).click();
  await page.getByRole('table', { name: 'Fields' }).getByText(later).first().waitFor();
  await page.clean();
});

test('the server filters; a wrong pattern is said', async () => {
  const page = await openPage(browser, server, `/console/logs/live-tail#group=${encodeURIComponent(group)}&filter=${encodeURIComponent('{ $.status = 403 }')}`);
  await live(page);
  await call('/notes');
  const id = (await call('/none')).headers.get('x-amzn-requestid');
  await page.getByText(id).waitFor();
  assert.equal(await rows(page).count(), 1);
  await page.getByLabel('Filter pattern').fill('{ $.status = ');
  await page.keyboard.press('Enter');
  await page.getByText('InvalidParameterException').waitFor();
  await page.getByText(/Request ID: [0-9a-f-]{36}/).waitFor();
  await page.clean(/400 \(Bad Request\)/);
});

test('chosen by mouse', async () => {
  const page = await openPage(browser, server, '/console/logs/live-tail');
  await page.getByText('Nothing is followed').waitFor();
  assert.ok(await button(page, 'Start').isDisabled());
  await page.getByRole('button', { name: /Log groups/ }).click();
  await page.getByRole('option', { name: group }).click();
  await page.keyboard.press('Escape');
  await button(page, 'Start').click();
  await live(page);
  assert.match(page.url(), /#group=/);
  await page.clean();
});

test(`${rate} entries a second leave the page responsive`, async (t) => {
  const client = logsClient(server);
  await client.send(new CreateLogGroupCommand({ logGroupName: 'busy' }));
  await client.send(new CreateLogStreamCommand({ logGroupName: 'busy', logStreamName: 's' }));
  const page = await openPage(browser, server, '/console/logs/live-tail#group=busy', { width: 1920, height: 1080 });
  await live(page);
  let sent = 0;
  let writing = true;
  const started = Date.now();
  const writer = (async () => {
    while (writing) {
      const now = Date.now();
      const due = Math.floor(((now - started) * rate) / 1000) - sent;
      if (due > 0) {
        const logEvents = Array.from({ length: Math.min(due, 5000) }, (_, i) => ({ timestamp: now, message: JSON.stringify({ requestId: `id-${sent + i}`, ip: '10.0.0.1', resourcePath: '/notes', status: ['200', '404', '502'][(sent + i) % 3], responseLatency: '12' }) }));
        await client.send(new PutLogEventsCommand({ logGroupName: 'busy', logStreamName: 's', logEvents }));
        sent += logEvents.length;
      }
      await new Promise((done) => setTimeout(done, 50));
    }
  })();
  await rows(page).first().waitFor();
  const gaps = await framesDuring(page, () => page.waitForTimeout(8000)); // what is measured is how frames go on meanwhile
  await page.waitForFunction((some) => Number(document.querySelector('.tb-received').textContent.replace(/\D/g, '')) > some, rate);
  await picture(page, 'live-tail-busy-1920-light');
  const clicked = performance.now();
  await button(page, 'Pause').click();
  await button(page, 'Resume').waitFor();
  const click = performance.now() - clicked;
  writing = false;
  await writer;
  const received = Number((await page.locator('.tb-received').textContent()).replace(/\D/g, ''));
  t.diagnostic(`${sent} written, ${received} came; ${gaps.length} frames in 8 s, the longest ${gaps.slice(0, 3).map((g) => g.toFixed(0)).join(', ')} ms; a click answered in ${click.toFixed(0)} ms`);
  await page.clean();
});
