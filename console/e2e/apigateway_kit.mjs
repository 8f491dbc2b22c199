// What the browser tests of API Gateway and IAM need beside harness.mjs.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { accessible, binary, picture } from './harness.mjs';

/** A small HTTP service, for an API to stand in front of: it answers with what it was asked. */
export function startUpstream() {
  return new Promise((resolve) => {
    const server = createServer((req, res) => {
      res.writeHead(200, { 'Content-Type': 'application/json' });
      res.end(JSON.stringify({ method: req.method, url: req.url }));
    });
    const stop = () => {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    };
    server.listen(0, '127.0.0.1', () => resolve({ url: `http://127.0.0.1:${server.address().port}`, stop }));
  });
}

/** Runs a subcommand of the binary against the server and resolves to what it prints. */
export function tollbook(server, ...args) {
  const env = { ...process.env, AWS_ENDPOINT_URL: server.api, AWS_DEFAULT_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'any', AWS_SECRET_ACCESS_KEY: 'any' };
  return new Promise((resolve, reject) => {
    const child = spawn(binary, args, { env });
    let out = '';
    child.stdout.on('data', (data) => (out += data));
    child.stderr.on('data', (data) => (out += data));
    child.on('exit', (code) => (code === 0 ? resolve(out) : reject(new Error(out))));
  });
}

/** Checks what is shown with axe, in light and dark, and takes its picture in both sizes and modes. */
export async function look(page, name) {
  await page.waitForFunction(() => !document.querySelector('[class*=awsui_spinner], [class*=awsui_loading]'));
  for (const mode of ['light', 'dark']) {
    await page.evaluate((dark) => document.body.classList.toggle('awsui-dark-mode', dark), mode === 'dark');
    await page.evaluate((m) => (document.documentElement.style.colorScheme = m), mode);
    await accessible(page);
    if (process.env.SCREENSHOTS) {
      for (const [width, height] of [[1920, 1080], [1280, 800]]) {
        await page.setViewportSize({ width, height });
        await picture(page, `${name}-${width}-${mode}`);
      }
    }
  }
  await page.evaluate(() => {
    document.body.classList.remove('awsui-dark-mode');
    document.documentElement.style.colorScheme = 'light';
  });
}
