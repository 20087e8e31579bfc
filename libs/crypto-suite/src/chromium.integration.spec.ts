/** The suite of libs/crypto in a real browser. Real: Debian's Chromium, the committed WebAssembly, every spec. Nothing is mocked. */
import { describe, expect, it } from '@jest/globals';
import { faultsOf, runInChromium } from '@cipherchat/browser-suite';
import { testsInNode } from './node-tests.js';
import { cryptoSpecs, filesOfSpecs } from './repository.js';

const maxMs = 15 * 60 * 1000;

describe('libs/crypto in headless Chromium', () => {
  it(
    'passes every test that it has in Node',
    async () => {
      const specs = cryptoSpecs();
      const expected = await testsInNode(specs);
      const run = await runInChromium({
        specs,
        files: filesOfSpecs,
        say: (line) => process.stderr.write(`${line}\n`),
      });
      expect(faultsOf({ run, expected })).toEqual([]);
      expect(run.outcomes.length).toBeGreaterThanOrEqual(expected.length);
      expect(expected.length).toBeGreaterThan(300);
    },
    maxMs,
  );
});
