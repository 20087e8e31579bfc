/** Seeded choices, so that a failing run can be repeated from its seed. For tests: nothing here is fit for keys. */

export type Random = {
  /** An integer from 0 to `limit` - 1. */
  below(limit: number): number;
  /** True in `percent` of 100 cases. */
  chance(percent: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
  shuffled<Item>(items: readonly Item[]): Item[];
  bytes(length: number): Uint8Array<ArrayBuffer>;
};

/** The generator mulberry32: 32 bits of state, the same sequence on every machine. */
export function createRandom(seed: number): Random {
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const below = (limit: number): number => next() % limit;
  return {
    below,
    chance: (percent) => below(100) < percent,
    pick(items) {
      const item = items[below(items.length)];
      if (item === undefined) throw new RangeError('nothing to pick from');
      return item;
    },
    shuffled(items) {
      const order = items.map((item) => ({ item, at: next() }));
      return order.sort((left, right) => left.at - right.at).map(({ item }) => item);
    },
    bytes: (length) => Uint8Array.from({ length }, () => below(256)),
  };
}
