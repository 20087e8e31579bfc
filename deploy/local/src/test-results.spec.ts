import { describe, expect, it } from '@jest/globals';
import { addCounts, closingLine, outcomeOf, sumReports } from './test-results.js';

const report = { numPassedTests: 3, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };
const file = { name: '/some/file.spec.ts', status: 'passed', assertionResults: [{}] };

describe('the closing line of npm test', () => {
  it('adds up every run', () => {
    const sum = sumReports([
      report,
      { ...report, numPassedTests: 4, numFailedTests: 2, testResults: [{ ...file, status: 'failed' }] },
    ]);
    expect(closingLine(sum)).toBe('7 passed, 2 failed');
    expect(sum.broken).toEqual([]);
  });

  it('counts a file that could not be loaded as a failure and names it', () => {
    const sum = sumReports([
      report,
      { ...report, testResults: [{ ...file, status: 'failed', assertionResults: [] }] },
    ]);
    expect(closingLine(sum)).toBe('6 passed, 1 failed');
    expect(sum.broken).toEqual(['/some/file.spec.ts']);
  });

  it('says how many were skipped when any were', () => {
    expect(closingLine(sumReports([{ ...report, numPendingTests: 1, numTodoTests: 1 }]))).toBe(
      '3 passed, 0 failed, 2 skipped',
    );
  });
});

describe('the closing line of continuous integration', () => {
  const tests = { passed: 7, failed: 0, skipped: 0 };

  it('is the sum of the tests and of what ran on a cluster', () => {
    expect(closingLine(addCounts(tests, { passed: 3, failed: 1, skipped: 0 }))).toBe('10 passed, 1 failed');
  });

  it('says that nothing ran there', () => {
    expect(closingLine(addCounts(tests, { passed: 0, failed: 0, skipped: 1 }))).toBe(
      '7 passed, 0 failed, 1 skipped',
    );
  });
});

it('takes a run without a passed test for a failed one', () => {
  expect(outcomeOf({ passed: 0, failed: 0, skipped: 3 })).toBe('failed');
  expect(outcomeOf({ passed: 1, failed: 0, skipped: 0 })).toBe('passed');
  expect(outcomeOf({ passed: 1, failed: 1, skipped: 0 })).toBe('failed');
});
