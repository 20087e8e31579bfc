/** Tells the service worker every file of the build with its digest. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Plugin } from 'vite';
import { contentOf, digestOf } from './integrity.js';

const placeholder = '__PRECACHED_FILES__';

export function precache({ serviceWorker }: { readonly serviceWorker: string }): Plugin {
  let publicDir = '';
  return {
    name: 'precache',
    apply: 'build',
    configResolved: (config) => {
      publicDir = config.publicDir;
    },
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const worker = bundle[`${serviceWorker}.js`];
        if (worker?.type !== 'chunk') return;
        const built = Object.entries(bundle)
          .filter(([name]) => name !== worker.fileName)
          .map(([name, output]) => [`/${name}`, digestOf(contentOf(output))] as const);
        const kept = readdirSync(publicDir).map(
          (name) => [`/${name}`, digestOf(readFileSync(path.join(publicDir, name)))] as const,
        );
        const files = Object.fromEntries(
          [...built, ...kept].sort(([one], [other]) => (one < other ? -1 : 1)),
        );
        if (!worker.code.includes(placeholder)) throw new Error('the service worker names no files');
        worker.code = worker.code.replace(placeholder, JSON.stringify(files));
      },
    },
  };
}
