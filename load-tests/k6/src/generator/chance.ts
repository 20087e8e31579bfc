/** What is drawn from random bytes. */

export type Random = (length: number) => Uint8Array;

const steps = 2 ** 32;

/** Evenly from [0, 1). */
export function fraction(random: Random): number {
  const [one = 0, two = 0, three = 0, four = 0] = random(4);
  return (one * 2 ** 24 + two * 2 ** 16 + three * 2 ** 8 + four) / steps;
}

/** Full jitter: evenly from [0, ceiling), the ceiling doubling with each failure up to half a minute, as in the SDK. */
export function backoffMs(random: Random, failures: number): number {
  return fraction(random) * Math.min(30_000, 500 * 2 ** Math.min(failures, 6));
}

/** Asking k6 for a few random bytes costs as much as asking for many: a pool of them, each given once. */
export function pooled(random: Random, poolBytes: number): Random {
  let pool: Uint8Array = new Uint8Array(0);
  return (length) => {
    if (length > poolBytes) return random(length);
    if (length > pool.length) pool = random(poolBytes);
    const taken = pool.subarray(0, length);
    pool = pool.subarray(length);
    return taken;
  };
}
