import { describe, expect, it } from '@jest/globals';
import { failuresText, summaryLine, type PartResult } from './verify-report.js';

const passed: PartResult = {
  name: 'format',
  script: 'format:check',
  outcome: 'passed',
  durationMs: 1_234,
  output: 'fine',
};
const failed: PartResult = {
  ...passed,
  name: 'lint',
  script: 'lint',
  outcome: 'failed',
  output: 'src/x.ts: an enum\n',
};

describe('the report of npm run verify', () => {
  it('gives each part one line with its outcome and time', () => {
    expect(summaryLine(passed)).toMatch(/^ok +format +1\.2 s$/);
    expect(summaryLine(failed)).toMatch(/^FAIL +lint /);
  });

  it('says nothing more when all parts passed', () => {
    expect(failuresText([passed])).toBeUndefined();
  });

  it('lists every failure with what it found and how to run it alone', () => {
    const text = failuresText([failed, passed, { ...failed, name: 'tests', script: 'test', output: '' }]);
    expect(text).toContain('lint (alone: npm run lint)\nsrc/x.ts: an enum');
    expect(text).toContain('tests (alone: npm run test)\nIts output is above.');
    expect(text).toMatch(/2 of 3 parts failed: lint, tests\.$/);
    expect(text).not.toContain('fine');
  });

  it('keeps a part that prints thousands of lines from hiding the others', () => {
    const text = failuresText([{ ...failed, output: 'a finding\n'.repeat(5_000) }]) ?? '';
    expect(text.split('\n').length).toBeLessThan(140);
    expect(text).toContain('more lines');
  });
});
