import { randomInt } from 'node:crypto';

const steps = 2 ** 32;

/** Evenly from [0, 1). */
export function fraction(): number {
  return randomInt(steps) / steps;
}

/** Full jitter: evenly from [0, ceiling), the ceiling doubling with each failure. */
export function backoffMs(params: {
  readonly failures: number;
  readonly firstMs: number;
  readonly maxMs: number;
}): number {
  const { failures, firstMs, maxMs } = params;
  return fraction() * Math.min(maxMs, firstMs * 2 ** Math.min(failures, 10));
}
