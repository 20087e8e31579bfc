/**
 * `npm run test:crypto`: what takes too long for every `npm test`. Hundreds of seeded churn runs and ten
 * thousand mutated inputs per suite over all cores, then all specs of libs/crypto; and what is not run, by name.
 */
import { countTable, mutationLine, suiteName, total } from './crypto-report.js';
import { runLong, type LongRuns, type LongRunResult } from './long-runs.js';
import { runSpecs, type SpecResult } from './node-tests.js';
import { notRun } from './not-run.js';
import { cryptoSpecs } from './repository.js';

/** @returns whether everything passed. The last line that is said has the figures. */
export async function testCrypto(params: LongRuns): Promise<boolean> {
  const { say } = params;
  const startedAt = performance.now();
  const long = await runLong(params);
  for (const line of countTable(long.figures)) say(line);
  for (const [suite, found] of long.figures) {
    if (total(found.mutations) > 0) say(`mutated input on ${suiteName(suite)}: ${mutationLine(found)}`);
  }
  const specs: SpecResult =
    params.purpose === 'survey' ? await runSpecs(cryptoSpecs()) : { passed: 0, failures: [] };
  for (const { what, why } of notRun) say(`not run: ${what}. ${why}`);
  for (const reason of [...long.failures, ...specs.failures]) say(`FAILED: ${reason}`);
  say(figureLine({ long, specs, seconds: Math.round((performance.now() - startedAt) / 1000) }));
  return long.failures.length + specs.failures.length === 0;
}

function figureLine({
  long,
  specs,
  seconds,
}: {
  readonly long: LongRunResult;
  readonly specs: SpecResult;
  readonly seconds: number;
}): string {
  const perSuite = [...long.figures].map(([suite, { runs, operations, counts, mutations, largestGroup }]) => {
    const checks = counts['agreement'] ?? 0;
    return `${suiteName(suite)}: ${runs} churn runs, ${operations} operations, ${checks} agreements, up to ${largestGroup} devices, ${total(mutations)} mutations`;
  });
  const failed = long.failures.length + specs.failures.length;
  return `${perSuite.join('; ')}; ${specs.passed} specs passed; ${failed} failed; ${seconds} s`;
}
