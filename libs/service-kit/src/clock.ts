import { randomBytes } from 'node:crypto';

/** Time and randomness are injected, so that tests own them. */
export type Clock = { readonly nowMs: () => number };
export type RandomBytes = (lengthBytes: number) => Uint8Array;

export const CLOCK = Symbol('CLOCK');
export const RANDOM_BYTES = Symbol('RANDOM_BYTES');

export const systemClock: Clock = { nowMs: () => Date.now() };
export const systemRandomBytes: RandomBytes = (lengthBytes) => Uint8Array.from(randomBytes(lengthBytes));

/** For what is decided by a coin; nothing is secret about it. */
export const systemChance = (): number => Math.random();

/** For durations: does not jump when the clock is set. */
export const systemMonotonicMs = (): number => performance.now();
