// The guide under --auth sigv4: signed in once, every call signed with a key that only the tab's memory has.
import assert from 'node:assert/strict';
import { theGuide } from './guide.mjs';

let id, secret;

theGuide({
  flags: ['--auth', 'sigv4'],
  begin: async (page, server) => {
    [, id] = /access_key_id=(\S+)/.exec(server.log());
    [, secret] = /secret_access_key="?([^"\s]+)/.exec(server.log());
    await page.getByLabel('Access key ID').fill(id);
    await page.getByLabel('Secret access key').fill(secret);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /Account \d{12}/ }).waitFor();
  },
  end: async (page) => {
    const stored = await page.evaluate(async () => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, (await indexedDB.databases()).length, history.state]));
    assert.ok(!stored.includes(id) && !stored.includes(secret), 'the key is kept in memory alone');
    await page.getByRole('button', { name: /Account \d{12}/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in to Tollbook' }).waitFor();
  },
});
