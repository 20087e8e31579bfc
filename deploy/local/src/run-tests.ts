import { ExplainedError, startSharedServers, type Say } from '@cipherchat/test-kit';
import { build } from './build.js';
import { runNx, type NxRun } from './nx.js';
import { takeLock, testLockFile } from './process-lock.js';
import { clearTestResults, sumTestResults, type TestSum } from './test-results.js';

export type TestRun = Pick<NxRun, 'cache' | 'projects'> & {
  readonly kinds: readonly ('test' | 'test-integration')[];
};

/** Builds, starts one set of servers for all integration tests, runs the tests, and adds up what came of them. */
export async function runTests(params: TestRun): Promise<TestSum> {
  const lock = await takeLock(testLockFile);
  if (lock.kind === 'held')
    throw new ExplainedError(`The tests already run in this checkout (process ${lock.pid}).`);
  try {
    return await runLocked(params);
  } finally {
    lock.release();
  }
}

async function runLocked({ cache, projects, kinds }: TestRun): Promise<TestSum> {
  await build(say);
  clearTestResults();
  const stopServers = kinds.includes('test-integration') ? await startSharedServers() : undefined;
  let exitCode: number;
  try {
    exitCode = await runNx({ targets: kinds, cache, ...(projects === undefined ? {} : { projects }) });
  } finally {
    await stopServers?.();
  }
  const sum = sumTestResults();
  for (const file of sum.broken) say(`No test of this file could run: ${file}`);
  if (exitCode !== 0 && sum.failed === 0) say('A test run ended without a result; its output is above.');
  return exitCode !== 0 && sum.failed === 0 ? { ...sum, failed: 1 } : sum;
}

const say: Say = (line) => console.log(line);
