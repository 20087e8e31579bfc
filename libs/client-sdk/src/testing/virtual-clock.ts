/** Time that a test owns: it stands still until the test lets it go on. */
import type { CancelTimer, Clock } from '../ports/clock.js';

type Timer = { readonly atMs: number; readonly order: number; readonly callback: () => void };

export class VirtualClock implements Clock {
  private timers: Timer[] = [];
  private order = 0;

  constructor(private timeMs = 1_795_219_200_000) {}

  readonly nowMs = (): number => this.timeMs;

  readonly setTimer = (callback: () => void, delayMs: number): CancelTimer => {
    const timer: Timer = { atMs: this.timeMs + Math.max(0, delayMs), order: this.order++, callback };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  };

  /** Runs everything that is due within `durationMs`, in order, letting all promises settle between. */
  async run(durationMs: number): Promise<void> {
    const endMs = this.timeMs + durationMs;
    await settle();
    for (let next = this.next(endMs); next !== undefined; next = this.next(endMs)) {
      this.timeMs = Math.max(this.timeMs, next.atMs);
      this.timers = this.timers.filter((other) => other !== next);
      next.callback();
      await settle();
    }
    this.timeMs = endMs;
  }

  /** Runs until the condition holds. @throws Error when it does not within `limitMs` of virtual time. */
  async runUntil(condition: () => boolean | Promise<boolean>, limitMs = 120_000): Promise<void> {
    const endMs = this.timeMs + limitMs;
    await settle();
    while (!(await condition())) {
      const next = this.next(endMs);
      if (next === undefined) throw new Error(`the condition did not come true within ${limitMs} ms`);
      await this.run(next.atMs - this.timeMs);
    }
  }

  private next(endMs: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.timers) {
      if (
        timer.atMs <= endMs &&
        (first === undefined ||
          timer.atMs < first.atMs ||
          (timer.atMs === first.atMs && timer.order < first.order))
      )
        first = timer;
    }
    return first;
  }
}

/** All promises that can settle without a timer have: an immediate runs after the microtasks. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A small generator of repeatable randomness (mulberry32). Not for keys. */
export function seededRandom(seed: number): (lengthBytes: number) => Uint8Array {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  return (lengthBytes) => Uint8Array.from({ length: lengthBytes }, () => next() & 0xff);
}
