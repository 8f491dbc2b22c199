// Starts the real binary and a real browser for the browser tests.
//   TOLLBOOK_BIN   the binary, built with the console; default ../bin/tollbook
//   CHROMIUM       the browser; default Debian's /usr/bin/chromium
//   SCREENSHOTS    a folder for pictures; none are taken without it
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { chromium } from 'playwright-core';

export const binary = process.env.TOLLBOOK_BIN ?? new URL('../../bin/tollbook', import.meta.url).pathname;
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A server on free ports with a data directory of its own; sample is the ID of the sample API, with --sample. */
export async function startServer(...flags) {
  const dir = mkdtempSync(join(tmpdir(), 'tollbook-e2e-'));
  const child = spawn(binary, ['serve', '--data-dir', join(dir, 'data'), '--api-addr', '127.0.0.1:0', '--gateway-addr', '127.0.0.1:0', ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  child.stderr.on('data', (chunk) => (log += chunk));
  const found = {};
  await new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error(`the server did not start: ${log}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [, name, url] = /^(api|gateway) (http:\S+)$/.exec(line) ?? [];
      if (name) found[name] = url;
      found.sample ??= /^ *curl http:.*\/([a-z0-9]+)\/prod\/notes$/.exec(line)?.[1];
      if (found.api && found.gateway && (found.sample || !flags.includes('--sample'))) resolve();
    });
  });
  const stop = async () => {
    if (child.exitCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    rmSync(dir, { recursive: true, force: true });
  };
  return { ...found, stop, log: () => log };
}

/** An SDK client for a server, as any program would make one. */
export function logsClient(server, credentials = { accessKeyId: 'any', secretAccessKey: 'any' }) {
  return new CloudWatchLogsClient({ endpoint: server.api, region: 'us-east-1', credentials });
}

export function startBrowser() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
}

/**
 * A page of the console in a fresh profile. It collects what must never happen (errors on the browser's console, among
 * them violations of the Content-Security-Policy, and requests to other hosts); end every test with page.clean().
 */
export async function openPage(browser, server, path, { width = 1280, height = 800, colorScheme = 'light' } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme, reducedMotion: 'reduce', timezoneId: 'UTC' });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const page = await context.newPage();
  const wrong = [];
  page.on('console', (message) => message.type() === 'error' && wrong.push(message.text()));
  page.on('pageerror', (error) => wrong.push(String(error)));
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin !== server.api && !['data:', 'blob:'].includes(url.protocol)) wrong.push(`asked another host: ${url}`);
  });
  const refused = []; // the operations of AWS' APIs that were
  page.on('response', (response) => response.status() >= 400 && refused.push(response.request().headers()['x-amz-target'] ?? response.url()));
  page.setDefaultTimeout(30_000);
  page.clean = async (...allowed) => {
    const unexpected = wrong.filter((text) => !allowed.some((pattern) => pattern.test(text)));
    // A query that is stopped when it has just ended is refused, and the browser notes that: nobody can know in time.
    for (let races = refused.filter((operation) => operation.endsWith('StopQuery')).length; races > 0; races--) {
      const note = unexpected.findIndex((text) => /status of 400/.test(text));
      if (note >= 0) unexpected.splice(note, 1);
    }
    assert.ok(unexpected.length === 0, `${unexpected.join('; ')}; refused: ${refused.join(', ')}`);
    await context.close();
  };
  await page.goto(server.api + path);
  return page;
}

/** Waits for transitions under way, which show colours that are nobody's choice. */
async function settled(page) {
  await page.evaluate(() => {
    const running = document.getAnimations().filter((a) => a.effect?.getComputedTiming().endTime !== Infinity);
    const ended = Promise.all(running.map((a) => a.finished.catch(() => {})));
    return Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 2000))]);
  });
}

/** Fails where axe finds that people with a disability could not use what is shown. */
export async function accessible(page) {
  await page.locator('h1').first().waitFor(); // the page itself, which loads its code when it is first opened
  await settled(page);
  // Injected by the test's own channel, which the page's Content-Security-Policy does not bind.
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] }));
  const found = violations.map((v) => `${v.id} (${v.impact}): ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(' | ')}`);
  assert.deepEqual(found, []);
}

export async function picture(page, name) {
  const folder = process.env.SCREENSHOTS;
  if (folder) {
    mkdirSync(folder, { recursive: true });
    await settled(page);
    await page.screenshot({ path: join(folder, `${name}.png`) });
  }
}

/** Longest stretches between two frames while work goes on, in milliseconds, the longest first. */
export async function framesDuring(page, work) {
  await page.evaluate(() => {
    const gaps = (globalThis.gaps = []);
    let last = performance.now();
    (function frame(now) {
      gaps.push(now - last);
      last = now;
      if (globalThis.gaps === gaps) requestAnimationFrame(frame);
    })(last);
  });
  await work();
  return page.evaluate(() => {
    const gaps = globalThis.gaps.sort((a, b) => b - a);
    globalThis.gaps = undefined;
    return gaps;
  });
}
