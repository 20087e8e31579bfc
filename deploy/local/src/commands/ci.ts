/**
 * What continuous integration runs (`.ci/run`): all tests, then the quick ones on a cluster, where one can be had. The closing line
 * is the sum of both; without a cluster it says that something was skipped.
 */
import { testCluster } from '../cluster-tests.js';
import { runCommand } from '../command-line.js';
import { runTests } from '../run-tests.js';
import { addCounts, closingLine, outcomeOf, type TestCounts } from '../test-results.js';

const say = (line: string): void => console.log(line);
/** Seen: 3 to 5 minutes. */
const clusterWithinMs = 15 * 60_000;

await runCommand(async () => {
  const tests = await runTests({ cache: 'use', kinds: ['test', 'test-integration'] });
  say(`\nnpm test: ${closingLine(tests)}. Now the quick tests on a cluster.`);
  const cluster = await quickOnCluster();
  say(`\n${closingLine(addCounts(tests, cluster))}`);
  if (outcomeOf(tests) === 'failed' || cluster.failed > 0) process.exitCode = 1;
});

/** The closing line comes also when it could not run to its end, which is a failure. */
async function quickOnCluster(): Promise<TestCounts> {
  try {
    return await testCluster({ args: ['--quick'], say, withinMs: clusterWithinMs });
  } catch (error) {
    console.error(error);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
