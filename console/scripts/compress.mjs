// Packs the built text files: Tollbook embeds only the gzip form, which is also what browsers get.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const text = /\.(css|html|js|json|svg|txt)$/;
const root = new URL('../dist/app/', import.meta.url).pathname;

for (const name of readdirSync(root, { recursive: true })) {
  if (text.test(name) && !name.startsWith('.')) {
    const file = join(root, name);
    writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: 9 }));
    rmSync(file);
  }
}
