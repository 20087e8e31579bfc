/** The suite of libs/crypto in a real browser. Real: Debian's Chromium, the committed WebAssembly, every spec. Nothing is mocked. */
import { describe, expect, it } from '@jest/globals';
import { faultsOf, runInChromium } from './chromium.js';
import { testsInNode } from './node-tests.js';
import { cryptoSpecs } from './repository.js';

const maxMs = 15 * 60 * 1000;

describe('libs/crypto in headless Chromium', () => {
  it(
    'passes every test that it has in Node',
    async () => {
      const specs = cryptoSpecs();
      const expected = await testsInNode(specs);
      const run = await runInChromium({ specs, say: (line) => process.stderr.write(`${line}\n`) });
      expect(faultsOf({ run, expected })).toEqual([]);
      expect(run.outcomes.length).toBeGreaterThanOrEqual(expected.length);
      expect(expected.length).toBeGreaterThan(300);
    },
    maxMs,
  );
});

describe('the measure of a run in the page', () => {
  const outcome = { file: 'a.spec.ts', titles: ['a', 'b'], durationMs: 1, error: null };
  const run = { version: '1', outcomes: [outcome], pageErrors: [] };

  it('finds nothing wrong when all tests ran and passed', () => {
    expect(faultsOf({ run, expected: ['a.spec.ts › a › b'] })).toEqual([]);
  });

  it('names a test that failed, one that did not run, and an error of the page', () => {
    expect(faultsOf({ run: { ...run, outcomes: [{ ...outcome, error: 'no' }] }, expected: [] })).toEqual([
      'failed: a.spec.ts › a › b\nno',
    ]);
    expect(faultsOf({ run, expected: ['a.spec.ts › a › b', 'a.spec.ts › c'] })).toEqual([
      'did not run: a.spec.ts › c',
    ]);
    expect(faultsOf({ run: { ...run, pageErrors: ['lost'] }, expected: [] })).toEqual([
      'error in the page: lost',
    ]);
  });
});
