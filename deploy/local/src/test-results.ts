import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { inRoot } from './repository.js';

export type TestCounts = { readonly passed: number; readonly failed: number; readonly skipped: number };

/** Sums over all test files of a run. */
export type TestSum = TestCounts & {
  /** Test files that could not even be loaded, and runs that ended without saying how. */
  readonly broken: readonly string[];
};

/** The parts of jest's JSON report that we read. */
type JestReport = {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly unknown[];
  }[];
};

/** Each run of jest writes its report here, and Nx puts it back from its cache (`nx-targets.mjs`). */
const resultsDir = inRoot('.cache/test-results');

/** So that a report of an earlier run is never counted. */
export function clearTestResults(): void {
  rmSync(resultsDir, { recursive: true, force: true });
  mkdirSync(resultsDir, { recursive: true });
}

/** Adds up the reports of the run. */
export function sumTestResults(): TestSum {
  const reports = readdirSync(resultsDir).map(
    (file) => JSON.parse(readFileSync(path.join(resultsDir, file), 'utf8')) as JestReport,
  );
  return sumReports(reports);
}

/** A file that failed before any of its tests ran counts as one failure: nobody knows what it would have found. */
export function sumReports(reports: readonly JestReport[]): TestSum {
  const broken = reports.flatMap(({ testResults }) =>
    testResults
      .filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0)
      .map(({ name }) => name),
  );
  const sum = (count: (report: JestReport) => number): number =>
    reports.reduce((total, report) => total + count(report), 0);
  return {
    passed: sum((report) => report.numPassedTests),
    failed: sum((report) => report.numFailedTests) + broken.length,
    skipped: sum((report) => report.numPendingTests + report.numTodoTests),
    broken,
  };
}

export function addCounts(one: TestCounts, other: TestCounts): TestCounts {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: one.skipped + other.skipped,
  };
}

/** A run in which nothing passed has shown nothing. */
export function outcomeOf({ passed, failed }: TestCounts): 'passed' | 'failed' {
  return failed === 0 && passed > 0 ? 'passed' : 'failed';
}

/** The closing line of `npm test`; continuous integration reads it, so nothing follows it. */
export function closingLine({ passed, failed, skipped }: TestCounts): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`;
}
