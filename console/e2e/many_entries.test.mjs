// The log pages against a million entries, and against 2,000 new ones a second.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { finished } from 'node:stream/promises';
import { CreateLogGroupCommand, CreateLogStreamCommand, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { accessible, binary, framesDuring, logsClient, openPage, picture, startBrowser, startServer } from './harness.mjs';

const count = Number(process.env.ENTRIES ?? 1_000_000);
const rate = 2000; // entries a second while following
const span = 2 * 3_600_000; // the entries' time, up to now
const group = 'API-Gateway-Access-Logs_abcdef1234/prod';
const statuses = [200, 200, 200, 200, 200, 200, 201, 204, 304, 400, 403, 404, 500, 502];
let server, browser, first;

function line(n, time) {
  const status = statuses[(n * 7919) % statuses.length];
  return JSON.stringify({
    requestId: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`, requestTimeEpoch: time, ip: `10.0.${(n >> 6) % 256}.${n % 64}`,
    httpMethod: ['GET', 'GET', 'POST'][n % 3], resourcePath: `/notes/${n % 50}`, status: String(status), responseLength: String((n * 31) % 9000), responseLatency: String(1 + ((n * 131) % 400)),
  });
}

before(async () => {
  [server, browser] = await Promise.all([startServer(), startBrowser()]);
  const dir = mkdtempSync(join(tmpdir(), 'tollbook-entries-'));
  first = Date.now() - span;
  const file = createWriteStream(join(dir, 'entries.log'));
  for (let n = 0; n < count; n++) {
    if (!file.write(`${line(n, first + Math.floor((n * span) / count))}\n`)) {
      await new Promise((done) => file.once('drain', done));
    }
  }
  file.end();
  await finished(file);
  const env = { ...process.env, AWS_ENDPOINT_URL: server.api, AWS_ACCESS_KEY_ID: 'any', AWS_SECRET_ACCESS_KEY: 'any' };
  execFileSync(binary, ['logs', 'import', '--group', group, join(dir, 'entries.log')], { env, stdio: 'ignore' });
  rmSync(dir, { recursive: true });
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const rows = (page) => page.locator('.tb-entry');
const loaded = async (page) => Number((await page.locator('.tb-count').textContent()).replace(/\D/g, ''));
const holdsMoreThan = (page, some) => page.waitForFunction((n) => Number(document.querySelector('.tb-count').textContent.replace(/\D/g, '')) > n, some);

test('a million entries: first rows, scrolling back, jumping, all ends of the buffer', async (t) => {
  const started = performance.now();
  const page = await openPage(browser, server, `/console/logs/group?group=${group}&range=3h`, { width: 1920, height: 1080 });
  await rows(page).first().waitFor();
  t.diagnostic(`first rows after ${(performance.now() - started).toFixed(0)} ms`);
  assert.ok((await rows(page).count()) < 120, 'only rows in sight are drawn');

  const counted = performance.now();
  await page.locator('.tb-whole').filter({ hasText: `${count.toLocaleString('en')} entries` }).waitFor({ timeout: 60_000 });
  t.diagnostic(`all of them counted for the histogram ${(performance.now() - counted).toFixed(0)} ms after that`);

  await page.getByRole('treegrid').hover();
  const gaps = await framesDuring(page, async () => {
    for (let i = 0; i < 120; i++) {
      await page.mouse.wheel(0, 3000);
      await page.waitForTimeout(16);
    }
  });
  const slow = gaps.filter((g) => g > 100).length;
  t.diagnostic(`scrolling: ${gaps.length} frames, the longest ${gaps.slice(0, 3).map((g) => g.toFixed(0)).join(', ')} ms, ${slow} above 100 ms, ${await loaded(page)} entries held`);
  await holdsMoreThan(page, 5000); // scrolling on reads on
  await picture(page, 'million-1920-light');

  await page.getByRole('button', { name: /Load up to/ }).click();
  await page.getByText('as many as are held at once').waitFor({ timeout: 30_000 });
  t.diagnostic(`${await loaded(page)} entries held`);
  await accessible(page);

  const at = first + span / 2;
  await page.getByRole('button', { name: 'Jump to time' }).click();
  await page.getByPlaceholder('2026-11-23 14:03:12').fill(String(at));
  await page.keyboard.press('Enter');
  await page.waitForURL(/at=/);
  const shown = new Date(at).toISOString().replace('T', ' ').slice(0, 19);
  await page.getByText(shown).first().waitFor();
  const before = await page.locator('.tb-covered').textContent();
  await page.getByRole('treegrid').hover();
  for (let i = 0; i < 40; i++) {
    await page.mouse.wheel(0, -3000);
    await page.waitForTimeout(20);
  }
  await page.waitForFunction((text) => document.querySelector('.tb-covered').textContent !== text, before); // it reads on towards the newer too
  await page.clean();
});

test('a search through a million entries', async (t) => {
  const page = await openPage(browser, server, `/console/logs/group?group=${group}&range=3h&filter=${encodeURIComponent(`"${String(Math.floor(count / 3)).padStart(12, '0')}"`)}`);
  const started = performance.now();
  await rows(page).first().waitFor({ timeout: 30_000 });
  t.diagnostic(`one entry in ${count.toLocaleString('en')} found after ${(performance.now() - started).toFixed(0)} ms`);
  assert.equal(await rows(page).count(), 1);
  await page.clean();
});

test(`following ${rate} entries a second leaves the page responsive`, async (t) => {
  const client = logsClient(server);
  const name = 'API-Gateway-Access-Logs_busy123456/prod';
  await client.send(new CreateLogGroupCommand({ logGroupName: name }));
  await client.send(new CreateLogStreamCommand({ logGroupName: name, logStreamName: 's' }));
  let sent = 0;
  let writing = true;
  const writer = (async () => {
    const started = Date.now();
    while (writing) {
      const due = Math.floor(((Date.now() - started) * rate) / 1000) - sent;
      const now = Date.now();
      if (due > 0) {
        const logEvents = Array.from({ length: due }, (_, i) => ({ timestamp: now, message: line(sent + i, now) }));
        await client.send(new PutLogEventsCommand({ logGroupName: name, logStreamName: 's', logEvents }));
        sent += due;
      }
      await new Promise((done) => setTimeout(done, 100));
    }
  })();
  const page = await openPage(browser, server, `/console/logs/group?group=${name}&range=5m`, { width: 1920, height: 1080 });
  await rows(page).first().waitFor();
  await page.getByRole('button', { name: 'Follow' }).click();
  await page.getByText('Following').waitFor();
  const gaps = await framesDuring(page, () => page.waitForTimeout(12_000));
  await holdsMoreThan(page, rate);
  await picture(page, 'following-1920-light');
  const clicked = performance.now();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('button', { name: 'Follow' }).waitFor();
  const click = performance.now() - clicked;
  const held = await loaded(page);
  writing = false;
  await writer;
  t.diagnostic(`${sent} written, ${held} held; ${gaps.length} frames in 12 s, the longest ${gaps.slice(0, 3).map((g) => g.toFixed(0)).join(', ')} ms; a click answered in ${click.toFixed(0)} ms`);
  await page.clean();
});
