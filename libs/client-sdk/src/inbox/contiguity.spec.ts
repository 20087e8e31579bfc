import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { contiguousRun, judgeContiguity } from './contiguity.js';

const seq = fc.integer({ min: 0, max: 40 });

describe('what may be applied now', () => {
  it('is the next entry only', () => {
    expect(judgeContiguity({ cursorSeq: 4, seq: 4 })).toBe('duplicate');
    expect(judgeContiguity({ cursorSeq: 4, seq: 5 })).toBe('next');
    expect(judgeContiguity({ cursorSeq: 4, seq: 6 })).toBe('gap');
  });

  it('is a run from the cursor on, whatever else is held', () => {
    fc.assert(
      fc.property(seq, fc.uniqueArray(seq), fc.integer({ min: 1, max: 8 }), (cursorSeq, held, limit) => {
        const run = contiguousRun({ bySeq: new Map(held.map((item) => [item, item])), cursorSeq, limit });
        expect(run).toEqual(run.map((_, index) => cursorSeq + 1 + index));
        expect(run.length).toBeLessThanOrEqual(limit);
        if (run.length < limit) expect(held).not.toContain(cursorSeq + 1 + run.length);
      }),
    );
  });
});
