// The first view of every page, whichever a link leads to: what it weighs, how long it takes, what it needs of the width.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, openPage, picture, startBrowser, startServer } from './harness.mjs';

const budget = 450_000; // bytes of script and style, as they are sent
const homeIn = 1000; // milliseconds that the home page should take; printed, since the machine may be busy

let server, browser, api, group;

before(async () => {
  [server, browser] = await Promise.all([startServer('--sample'), startBrowser()]);
  api = server.sample;
  group = `API-Gateway-Access-Logs_${api}/prod`;
  await fetch(`${server.gateway}/${api}/prod/notes`);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const sent = (page) =>
  page.evaluate(() => performance.getEntriesByType('resource').filter((r) => /\.(js|css)$/.test(new URL(r.name).pathname)).reduce((sum, r) => sum + r.encodedBodySize, 0));

/** Notes when the page's main heading is drawn for the first time. */
async function watchHeading(page) {
  await page.addInitScript(() => {
    const look = () => (document.querySelector('h1') ? requestAnimationFrame(() => (globalThis.headingAt = performance.now())) : requestAnimationFrame(look));
    requestAnimationFrame(look);
  });
}

test('home: its heading after the start of navigation', async (t) => {
  const page = await openPage(browser, server, '/healthz'); // connected, nothing of the console loaded
  await watchHeading(page);
  const times = [];
  for (let i = 0; i < 3; i++) {
    await page.goto(`${server.api}/console/`);
    await page.getByRole('heading', { name: 'Tollbook', level: 1 }).waitFor();
    times.push(await page.waitForFunction(() => globalThis.headingAt).then((h) => h.jsonValue()));
  }
  const [first, ...again] = times.map((ms) => ms.toFixed(0));
  t.diagnostic(`home's heading drawn ${first} ms after the start of navigation, ${again.join(' and ')} ms with its files kept (${times[0] < homeIn ? 'within' : 'above'} ${homeIn} ms)`);
  await accessible(page);
  await picture(page, 'home-1280-light');
  await page.clean(/403/); // the page before had no icon
});

const pages = () => [
  '/', '/apigateway/apis', '/apigateway/create', '/apigateway/settings', `/apigateway/apis/${api}/resources`, `/apigateway/apis/${api}/stages`,
  `/apigateway/apis/${api}/stages/prod`, `/apigateway/apis/${api}/stages/prod?tab=logs`, `/apigateway/apis/${api}/stages/prod?tab=dashboard`,
  `/apigateway/apis/${api}/dashboard`, `/apigateway/apis/${api}/tags`, '/metrics/list', '/metrics/alarms', `/logs/insights#group=${group}`, `/logs/live-tail`,
  '/apigateway/usage-plans', '/apigateway/usage-plans/none', '/apigateway/keys', '/apigateway/keys/none', '/apigateway/domains', '/apigateway/domains/api.example.com',
  '/apigateway/vpc-links', '/apigateway/client-certificates', `/apigateway/apis/${api}/stages/prod?tab=methods`, `/apigateway/apis/${api}/stages/prod?tab=canary`, '/logs/trace',
  '/logs/groups', `/logs/group?group=${group}`, `/logs/group?group=${group}&tab=streams`, `/logs/stream?group=${group}&stream=none`,
  `/logs/entry?group=${group}&stream=none&at=1&id=1`, '/iam/roles', '/iam/roles/create', '/iam/roles/role/APIGatewayCloudWatchLogs', '/no/such/page',
];

test('every page: what it loads before it is ready', async (t) => {
  let heaviest = 0;
  for (const path of pages()) {
    const page = await openPage(browser, server, `/console${path}`);
    await page.locator('h1').first().waitFor();
    await page.waitForLoadState('networkidle');
    const bytes = await sent(page);
    heaviest = Math.max(heaviest, bytes);
    t.diagnostic(`${(bytes / 1000).toFixed(0)} kB  ${path}`);
    assert.ok(bytes > 0);
    await page.clean(/status of 40\d/);
  }
  assert.ok(heaviest < budget, `${heaviest} bytes of script and style`);
});

test("the bar's name is whole at every width", async () => {
  const page = await openPage(browser, server, '/console/');
  const name = page.locator('#top').getByText('Tollbook', { exact: true }).filter({ visible: true }).first();
  for (const width of [360, 700, 768, 1024, 1280, 1440, 1920]) {
    await page.setViewportSize({ width, height: 800 });
    await name.waitFor();
    const { overflow, cut } = await name.evaluate((e) => ({ overflow: getComputedStyle(e).overflowX, cut: e.scrollWidth - e.clientWidth }));
    assert.deepEqual({ overflow, cut }, { overflow: 'visible', cut: 0 }, `at ${width}`);
  }
  await page.clean();
});
