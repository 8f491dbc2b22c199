import { createHash } from 'node:crypto';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

// The console's own build: everything below /console/, hashed names in /console/assets/.
// `npm run dev` serves the source and hands every other path to a running `tollbook serve`.
const tollbook = process.env.TOLLBOOK_API ?? 'http://127.0.0.1:4566';

export default defineConfig({
  base: '/console/',
  plugins: [react(), fontFiles(), oneAppLayout()],
  resolve: {
    // Cloudscape's texts come parsed; the parser would be 12 kB for nothing.
    alias: { '@formatjs/icu-messageformat-parser': '@formatjs/icu-messageformat-parser/no-parser' },
  },
  build: {
    outDir: 'dist/app', // embedded by embed.go
    emptyOutDir: true,
    manifest: true, // read by scripts/budget.mjs
    target: 'es2023',
    assetsInlineLimit: 0, // fonts and pictures stay files: the Content-Security-Policy admits no data: fonts
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1000,
  },
  server: {
    port: 5173,
    proxy: {
      '^/(?!console/)': { target: tollbook, changeOrigin: false },
      '/console/config.json': { target: tollbook },
    },
  },
});

/** Cloudscape's style sheet holds its fonts as data: addresses. As files, a weight loads only when a page uses it. */
function fontFiles(): Plugin {
  const font = /url\('?data:font\/woff2;base64,([^')]+)'?\)/g;
  return {
    name: 'font-files',
    apply: 'build',
    enforce: 'pre',
    transform(code, id) {
      if (!id.includes('global-styles/index.css')) {
        return null;
      }
      return code.replace(font, (_, base64: string) => {
        const source = Buffer.from(base64, 'base64');
        const fileName = `assets/open-sans-${createHash('sha256').update(source).digest('hex').slice(0, 8)}.woff2`;
        this.emitFile({ type: 'asset', fileName, source });
        return `url(/console/${fileName})`;
      });
    },
  };
}

/**
 * Cloudscape's AppLayout holds three layouts, of which its visual-refresh theme (the only one in this package) draws
 * one. The other two, with their drawers and drag and drop, would be a tenth of the first view.
 */
function oneAppLayout(): Plugin {
  const unused = ['./classic', './visual-refresh-toolbar'];
  const empty = '\0unused-layout';
  let left = unused.length;
  return {
    name: 'one-app-layout',
    apply: 'build',
    enforce: 'pre',
    resolveId(source, importer) {
      if (unused.includes(source) && importer?.endsWith('/app-layout/internal.js')) {
        left--;
        return empty;
      }
      return null;
    },
    load: (id) => (id === empty ? 'export default () => null;' : null),
    buildEnd() {
      if (left > 0) {
        this.warn('Cloudscape imports its layouts differently now: all of them are in the first view.');
      }
    },
  };
}
