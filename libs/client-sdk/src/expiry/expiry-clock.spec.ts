import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { observed } from './expiry-clock.js';

const look = (clock: ReturnType<typeof observed> | null, nowMs: number) => observed(clock, { nowMs });

describe('the time that messages count', () => {
  it('is that of the device while its clock goes on', () => {
    expect(look(look(null, 1_000), 5_000)).toEqual({ seenAtMs: 5_000, countedMs: 5_000 });
  });

  it('goes on from where it was when the clock is set back, and when it is set right again', () => {
    const back = look(look(null, 9_000_000), 1_000);
    expect(back.countedMs).toBe(9_000_000);
    expect(look(back, 1_500).countedMs).toBe(9_000_500);
  });

  it('does not stand still for as long as a clock was ahead', () => {
    const ahead = look(look(null, 1_000), 1_000_000_000);
    const right = look(ahead, 2_000);
    expect(look(right, 62_000).countedMs - right.countedMs).toBe(60_000);
  });

  it('has gone on for as long as a timer ran, whatever the clock says', () => {
    expect(observed(look(null, 1_000), { nowMs: 0, atLeastMs: 61_000 }).countedMs).toBe(61_000);
  });

  it('never goes back, and passes at least what the clock passes between two looks', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1e12 }), { minLength: 2 }), (looks) => {
        let clock = look(null, looks[0] ?? 0);
        for (const nowMs of looks) {
          const next = look(clock, nowMs);
          expect(next.countedMs - clock.countedMs).toBe(Math.max(0, nowMs - clock.seenAtMs));
          clock = next;
        }
      }),
    );
  });
});
