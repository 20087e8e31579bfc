/**
 * Full jitter: a wait drawn evenly from [0, ceiling), the ceiling doubling with each failure. The first try waits
 * too: after a restart of a gateway all its clients come at once, and none of them has failed yet.
 */
import { randomFraction, type Random } from '../ports/random.js';

const firstCeilingMs = 500;
const maxCeilingMs = 30_000;
/** 500 ms · 2^6 is past the maximum. */
const maxDoublings = 6;

export function backoffMs(params: { readonly failures: number; readonly random: Random }): number {
  const ceiling = Math.min(maxCeilingMs, firstCeilingMs * 2 ** Math.min(params.failures, maxDoublings));
  return Math.floor(randomFraction(params.random) * ceiling);
}

/** A wait drawn evenly from [base/2, base·3/2): for what is done again and again. */
export function jitteredMs(params: { readonly baseMs: number; readonly random: Random }): number {
  return Math.floor(params.baseMs * (0.5 + randomFraction(params.random)));
}
