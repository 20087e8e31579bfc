/** The specs that need a browser, in one. Real: Debian's Chromium and its IndexedDB and WebCrypto. Nothing is mocked. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { faultsOf, runInChromium } from '@cipherchat/browser-suite';

const maxMs = 5 * 60 * 1000;
const sources = fileURLToPath(new URL('.', import.meta.url));

describe('what needs a browser', () => {
  it(
    'passes its specs in headless Chromium',
    async () => {
      const specs = readdirSync(sources, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.browser.spec.ts'))
        .map((file) => `libs/client-sdk/src/${file}`);
      const workers = new Map([['tab-worker.js', 'libs/client-sdk/src/testing/tab-worker.ts']]);
      const run = await runInChromium({ specs, workers, say: (line) => process.stderr.write(`${line}\n`) });
      expect(faultsOf({ run, expected: [] })).toEqual([]);
      // A file whose tests did not run at all would be missed otherwise.
      expect(specs.filter((spec) => !run.outcomes.some(({ file }) => file === spec))).toEqual([]);
    },
    maxMs,
  );
});
