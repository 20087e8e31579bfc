import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '../testing/virtual-clock.js';
import { backoffMs, jitteredMs } from './backoff.js';

const greatest = (length: number): Uint8Array => new Uint8Array(length).fill(0xff);

describe('the wait before a try', () => {
  it('has a ceiling that doubles to half a minute, the first try’s included', () => {
    const ceilings = [0, 1, 2, 3, 4, 5, 6, 7, 50].map(
      (failures) => backoffMs({ failures, random: greatest }) + 1,
    );
    expect(ceilings).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('is spread over all of [0, ceiling)', () => {
    const random = seededRandom(1);
    const waits = Array.from({ length: 1_000 }, () => backoffMs({ failures: 1, random }));
    for (let tenth = 0; tenth < 10; tenth++) {
      const count = waits.filter((wait) => Math.floor(wait / 100) === tenth).length;
      expect(count).toBeGreaterThan(50);
    }
  });

  it('of what repeats lies between a half and one and a half of its base', () => {
    const random = seededRandom(2);
    const waits = Array.from({ length: 1_000 }, () => jitteredMs({ baseMs: 60_000, random }));
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(30_000);
    expect(Math.max(...waits)).toBeLessThan(90_000);
  });
});
