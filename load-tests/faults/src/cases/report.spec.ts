import { describe, expect, it } from '@jest/globals';
import { countsOf, lastLine, type Result } from './report.js';

const held: Result = { name: 'held', tookMs: 1, figures: '', failures: [] };
const failed: Result = { ...held, name: 'failed', failures: ['1 lost'] };
const skipped: Result = { ...held, name: 'skipped', isSkipped: true };

describe('what a run counts', () => {
  it('takes each case once, and a skipped one for no pass', () => {
    expect(countsOf([held, failed, skipped])).toEqual({ passed: 1, failed: 1, skipped: 1 });
    expect(countsOf([])).toEqual({ passed: 0, failed: 0, skipped: 0 });
  });

  it('is what its last line says', () => {
    expect(lastLine('cluster', [held, failed, skipped])).toContain(
      'cluster FAILED: cases=3 failed=1 skipped=1 ',
    );
    expect(lastLine('compose', [held])).toContain('compose held: cases=1 failed=0 skipped=0 ');
  });
});
