import { describe, expect, it } from '@jest/globals';
import { faultsOf } from './chromium.js';

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
