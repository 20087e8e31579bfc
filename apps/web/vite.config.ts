import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';
import { compress } from './build/compress.js';
import { preload, integrity } from './build/integrity.js';
import { precache } from './build/precache.js';

/** The service worker has a name of its own: browsers look for a new one at the old address. */
const serviceWorker = 'service-worker';
/** A file of its own, which the page loads before the views. */
const first = 'start-worker';

export default defineConfig({
  plugins: [react(), preload({ first }), integrity(), precache({ serviceWorker }), compress()],
  resolve: { conditions: ['@cipherchat/source', ...defaultClientConditions] },
  worker: { format: 'es' },
  build: {
    target: 'es2023',
    // Everything is a file with a hash: the content security policy allows no data: but for pictures.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1_000,
    rolldownOptions: {
      input: { index: 'index.html', [serviceWorker]: 'src/service-worker/service-worker.ts' },
      output: {
        entryFileNames: ({ name }) => (name === serviceWorker ? '[name].js' : 'assets/[name]-[hash].js'),
        codeSplitting: { groups: [{ name: first, test: `session/${first}` }] },
      },
    },
  },
});
