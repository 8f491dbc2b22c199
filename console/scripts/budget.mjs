// Fails when the first view of any page grows past its budget: script and style that index.html names, what the page
// itself imports, and what each imports statically, as gzip. A link may lead to any page first.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const budget = 450_000;
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
const pages = Object.keys(manifest).filter((key) => /^src\/pages\/.*Page\.tsx$/.test(key) && manifest[key].isDynamicEntry);
const sizes = pages.map((page) => ({ page, bytes: total(page) })).sort((a, b) => b.bytes - a.bytes);
for (const { page, bytes } of sizes) {
  console.log(`${kB(bytes)}  ${page}${bytes > budget ? '  OVER BUDGET' : ''}`);
}
console.log(`first views of ${pages.length} pages: script and style, gzip (budget ${kB(budget)})`);
process.exit(pages.length === 0 || sizes[0].bytes > budget ? 1 : 0);
