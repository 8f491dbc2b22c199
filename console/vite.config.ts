import { createHash } from 'node:crypto';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

// The console's own build: everything below /console/, hashed names in /console/assets/.
// `npm run dev` serves the source and hands every other path to a running `tollbook serve`.
const tollbook = process.env.TOLLBOOK_API ?? 'http://127.0.0.1:4566';

export default defineConfig({
  base: '/console/',
  plugins: [react(), fontFiles(), withoutUnused()],
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
 * Parts of Cloudscape that the console never shows, each by who imports it: the two of AppLayout's three layouts that its
 * visual-refresh theme (the only one in this package) does not draw, and handles to drag panels and columns wider. They
 * would be a tenth of the first view.
 */
function withoutUnused(): Plugin {
  const unused = [
    { importer: '/app-layout/internal.js', source: './classic' },
    { importer: '/app-layout/internal.js', source: './visual-refresh-toolbar' },
    { importer: '/app-layout/visual-refresh/index.js', source: './drawers' },
    { importer: '/app-layout/visual-refresh/index.js', source: './tools' },
    { importer: '/app-layout/visual-refresh/mobile-toolbar.js', source: './drawers' },
    { importer: '/app-layout/utils/use-resize.js', source: '../../internal/components/panel-resize-handle' },
    { importer: '/table/resizer/index.js', source: '../../internal/components/drag-handle-wrapper' },
  ];
  const empty = '\0unused-part';
  const left = new Set(unused);
  return {
    name: 'without-unused',
    apply: 'build',
    enforce: 'pre',
    resolveId(source, importer) {
      const part = unused.find((p) => p.source === source && importer?.endsWith(p.importer));
      if (!part) {
        return null;
      }
      left.delete(part);
      return empty;
    },
    load: (id) => (id === empty ? 'const nothing = () => null; export default nothing; export { nothing as MobileTriggers };' : null),
    buildEnd() {
      for (const { importer, source } of left) {
        this.warn(`Cloudscape's ${importer} no longer imports ${source}, or the console no longer uses it.`);
      }
    },
  };
}
