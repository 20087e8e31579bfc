import { describe, expect, it } from '@jest/globals';
import { closingLine, sumReports } from './test-results.js';

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
