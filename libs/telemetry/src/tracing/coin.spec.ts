import { describe, expect, it } from '@jest/globals';
import { Coin } from './coin.js';

/** A generator that can be repeated (mulberry32). */
function chanceFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const throwsOf = (coin: Coin, count: number): readonly boolean[] =>
  Array.from({ length: count }, () => coin.throw());

describe('a coin', () => {
  it('misses as often as it drew before the next hit', () => {
    const drawn = [0.5, 0, 0.75, 0];
    const coin = new Coin(0.5, () => drawn.shift() ?? 0);
    expect(throwsOf(coin, 6)).toEqual([false, true, true, false, false, true]);
  });

  it.each([0.001, 0.01, 0.3, 0.5, 0.99])('hits with the probability %d, whatever came before', (ratio) => {
    const count = 400_000;
    const hits = throwsOf(new Coin(ratio, chanceFrom(7)), count);
    const deviation = Math.sqrt(ratio * (1 - ratio) * count);
    const total = hits.filter(Boolean).length;
    expect(Math.abs(total - ratio * count)).toBeLessThan(4 * deviation);
    const afterHit = hits.filter((_hit, index) => hits[index - 1] === true);
    const hitsAfterHit = afterHit.filter(Boolean).length;
    expect(Math.abs(hitsAfterHit - ratio * afterHit.length)).toBeLessThan(
      4 * Math.sqrt(ratio * (1 - ratio) * afterHit.length) + 1,
    );
  });

  it.each([0, 0.5, 1 - 2 ** -53])(
    'never hits with 0, and always with 1, whatever chance says (%d)',
    (chance) => {
      expect(throwsOf(new Coin(0, () => chance), 100)).not.toContain(true);
      expect(throwsOf(new Coin(1, () => chance), 100)).not.toContain(false);
    },
  );

  it('has a bound for how long it misses', () => {
    const coin = new Coin(1e-300, () => 1 - 2 ** -53);
    expect(throwsOf(coin, 1_000)).not.toContain(true);
  });
});
