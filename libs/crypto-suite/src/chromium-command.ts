/** `npm run test:crypto:browser`: the specs of libs/crypto in headless Chromium, one line per test. */
import { faultsOf, runInChromium, testName } from '@cipherchat/browser-suite';
import { testsInNode } from './node-tests.js';
import { cryptoSpecs, filesOfSpecs } from './repository.js';

/** @returns whether all tests that Node has ran and passed. */
export async function testCryptoInBrowser(say: (line: string) => void): Promise<boolean> {
  const specs = cryptoSpecs();
  const expected = await testsInNode(specs);
  const run = await runInChromium({
    specs,
    files: filesOfSpecs,
    say,
    onTest: (outcome) =>
      say(
        `${outcome.error === null ? 'ok  ' : 'FAIL'} ${testName(outcome)} (${Math.round(outcome.durationMs)} ms)`,
      ),
  });
  const faults = faultsOf({ run, expected });
  for (const fault of faults) say(fault);
  const passed = run.outcomes.filter(({ error }) => error === null).length;
  say(
    `Chromium ${run.version}: ${specs.length} files, ${run.outcomes.length} of ${expected.length} tests ran`,
  );
  // A test that did not run, and an error of the page, are failures too.
  say(`${passed} passed, ${faults.length} failed`);
  return faults.length === 0;
}
