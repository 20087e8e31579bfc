import { describe, expect, it } from '@jest/globals';
import { findKnee } from './knee.js';

async function kneeOf(limit: number, max = 32_000) {
  return findKnee({
    from: 1_000,
    max,
    halvings: 6,
    probe: async (perSecond) => ({ holds: perSecond <= limit, probe: perSecond }),
  });
}

describe('the search for the knee', () => {
  it('comes close to the highest rate that holds, from below', async () => {
    for (const limit of [300, 1_000, 5_000, 11_111]) {
      const { perSecond } = await kneeOf(limit);
      expect(perSecond).toBeLessThanOrEqual(limit);
      expect(perSecond).toBeGreaterThan(limit * 0.9);
    }
  });

  it('stops at the highest rate it may try', async () => {
    const { perSecond, probes } = await kneeOf(Infinity, 4_000);
    expect(perSecond).toBe(3_375);
    expect(Math.max(...probes)).toBe(3_375);
  });

  it('forgives one stall', async () => {
    let stalls = 1;
    const { perSecond } = await findKnee({
      from: 1_000,
      max: 1_000,
      halvings: 1,
      probe: async (rate) => ({ holds: stalls-- <= 0, probe: rate }),
    });
    expect(perSecond).toBe(1_000);
  });
});
