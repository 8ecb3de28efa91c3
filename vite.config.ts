import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { precompress } from './scripts/gallery/precompress.ts';
import { proxyToStack } from './scripts/gallery/proxy-to-stack.ts';

const outDir = fileURLToPath(new URL('dist/gallery-ui', import.meta.url));

/**
 * `vite build` makes the page in dist/gallery-ui, from where the API serves it at `/`; `vite` serves
 * it from its sources, on top of the stack that `npm start` runs.
 */
export default defineConfig(async ({ command }) => ({
  root: fileURLToPath(new URL('src/gallery-ui', import.meta.url)),
  // Beside the page: it may be served below any path.
  base: './',
  build: {
    outDir,
    emptyOutDir: true,
    // The page's Content-Security-Policy allows no data: scripts or styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: command === 'serve' ? { proxy: await proxyToStack() } : {},
  plugins: [{ name: 'precompress', apply: 'build', writeBundle: () => precompress(outDir) }],
}));
