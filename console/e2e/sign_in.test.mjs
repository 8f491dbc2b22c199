// The sign-in page, under --auth sigv4.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { accessible, openPage, picture, startBrowser, startServer } from './harness.mjs';

let server, browser;

before(async () => {
  [server, browser] = await Promise.all([startServer('--auth', 'sigv4'), startBrowser()]);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

test('a wrong key is refused, the right one opens the console, a reload forgets it', async () => {
  const [, id] = /access_key_id=(\S+)/.exec(server.log());
  const [, secret] = /secret_access_key=(\S+)/.exec(server.log());
  const page = await openPage(browser, server, '/console/logs/groups');
  await page.getByRole('heading', { name: 'Sign in to Tollbook' }).waitFor();
  await accessible(page);
  await picture(page, 'sign-in-1280-light');
  await page.getByLabel('Access key ID').fill(id);
  await page.getByLabel('Secret access key').fill('wrong');
  await page.keyboard.press('Enter');
  await page.getByText('Request ID:').waitFor();
  await page.getByLabel('Secret access key').fill(secret.replaceAll('"', ''));
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('No log groups').waitFor();
  await page.getByRole('button', { name: /Account \d{12}/ }).waitFor();
  const stored = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));
  assert.ok(!stored.includes(id) && !stored.includes(secret), 'the key is kept in memory alone');
  await page.reload();
  await page.getByRole('heading', { name: 'Sign in to Tollbook' }).waitFor();
  await page.clean(/403 \(Forbidden\)/, /40\d/);
});
