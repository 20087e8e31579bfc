/** The specs of libs/crypto under Jest in Node: all of them run, or only their names, against which a page is measured. */
import path from 'node:path';
import { readFile } from 'node:fs/promises';
import { testName } from '@cipherchat/browser-suite';
import { run, temporaryFolder } from '@cipherchat/test-kit';
import { root } from './repository.js';

/** Matches no title, so that every test is listed as skipped. */
const noTest = 'no test has this title';

/** The names of all tests in these spec files. */
export async function testsInNode(specs: readonly string[]): Promise<readonly string[]> {
  const { testResults } = await jest(['--testNamePattern', noTest, '--runTestsByPath', ...specs]);
  return testResults.flatMap(({ name, assertionResults }) => {
    const file = path.relative(root, name).split(path.sep).join('/');
    return assertionResults.map(({ ancestorTitles, title }) =>
      testName({ file, titles: [...ancestorTitles, title] }),
    );
  });
}

export type SpecResult = {
  readonly passed: number;
  /** One line for each test, or whole file, that failed. */ readonly failures: readonly string[];
};

/** Runs these spec files in Node. */
export async function runSpecs(specs: readonly string[]): Promise<SpecResult> {
  const { testResults, numPassedTests } = await jest(['--runTestsByPath', ...specs]);
  const failures = testResults.flatMap(({ name, status, message, assertionResults }) => {
    if (status !== 'failed') return [];
    const failed = assertionResults
      .filter((test) => test.status === 'failed')
      .map(({ ancestorTitles, title }) => [...ancestorTitles, title].join(' › '));
    return [`${path.relative(root, name)}: ${failed.length === 0 ? message : failed.join('; ')}`];
  });
  return { passed: numPassedTests, failures };
}

async function jest(options: readonly string[]): Promise<JestReport> {
  const folder = temporaryFolder('crypto-specs');
  try {
    const report = path.join(folder.path, 'report.json');
    const program = path.join(root, 'node_modules/jest/bin/jest.js');
    const args = [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      program,
      '--selectProjects',
      'unit',
      '--json',
      `--outputFile=${report}`,
      ...options,
    ];
    const { stderr } = await run({ program: process.execPath, args, cwd: root });
    // Jest writes its report also when tests fail, and none when it could not start.
    return JSON.parse(
      await readFile(report, 'utf8').catch(() =>
        Promise.reject(new Error(`jest wrote no report:\n${stderr}`)),
      ),
    ) as JestReport;
  } finally {
    folder.remove();
  }
}

type JestReport = {
  readonly numPassedTests: number;
  readonly testResults: ReadonlyArray<{
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: ReadonlyArray<{
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly status: string;
    }>;
  }>;
};
