import { describe, expect, it } from '@jest/globals';
import { makeSome } from './patient-fetch.js';

describe('making many', () => {
  it('keeps their order, and no more than so many under way', async () => {
    let underWay = 0;
    let most = 0;
    const made = await makeSome({
      count: 20,
      atOnce: 3,
      make: async (index) => {
        most = Math.max(most, ++underWay);
        for (let turn = 0; turn < 20 - index; turn++) await Promise.resolve();
        underWay--;
        return index;
      },
    });
    expect(made).toEqual(Array.from({ length: 20 }, (_, index) => index));
    expect(most).toBe(3);
  });
});
