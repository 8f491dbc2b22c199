// Fails when the first view grows past its budget: script and style that index.html names and what those import
// statically, plus the page shown first, as gzip.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const budget = 450_000;
const first = 'src/pages/home/HomePage.tsx'; // what /console/ shows; the others are printed, since a link may lead there first
const others = ['src/pages/logs/LogGroupsPage.tsx', 'src/pages/logs/LogGroupPage.tsx', 'src/pages/iam/RolesPage.tsx', 'src/pages/apigateway/ApisPage.tsx'];
const root = new URL('../dist/app/', import.meta.url).pathname;
const manifest = JSON.parse(readFileSync(join(root, '.vite/manifest.json'), 'utf8'));

/** Files of script and style that the chunk cannot do without. */
function needs(key, files = new Set()) {
  const chunk = manifest[key];
  if (!files.has(chunk.file)) {
    files.add(chunk.file);
    chunk.css?.forEach((style) => files.add(style));
    chunk.imports?.forEach((other) => needs(other, files));
  }
  return files;
}

const size = (file) => statSync(join(root, `${file}.gz`)).size;
const total = (page) => [...needs(page, needs('index.html'))].reduce((sum, file) => sum + size(file), 0);
const kB = (bytes) => `${(bytes / 1000).toFixed(0)} kB`;
for (const page of others.filter((p) => manifest[p])) {
  console.log(`${page}: ${kB(total(page))}`);
}
console.log(`${first}: ${kB(total(first))} of script and style, gzip (budget ${kB(budget)})`);
process.exit(total(first) > budget ? 1 : 0);
