/** Time that a test owns: it stands still until the test lets it go on. */
import type { CancelTimer, Clock } from '../ports/clock.js';

type Timer = { readonly atMs: number; readonly order: number; callback: (() => void) | null };

export class VirtualClock implements Clock {
  /** A binary heap: the first is due first. Cancelled timers stay until they are due, without a callback. */
  private readonly timers: Timer[] = [];
  private order = 0;
  private outside = 0;

  constructor(private timeMs = 1_795_219_200_000) {}

  readonly nowMs = (): number => this.timeMs;

  readonly setTimer = (callback: () => void, delayMs: number): CancelTimer => {
    const timer: Timer = { atMs: this.timeMs + Math.max(0, delayMs), order: this.order++, callback };
    this.push(timer);
    return () => {
      timer.callback = null;
    };
  };

  /** Time stands still until the promise has settled: for real work, of a database, in the midst of virtual time. */
  async hold<Value>(work: Promise<Value>): Promise<Value> {
    this.outside++;
    try {
      return await work;
    } finally {
      this.outside--;
    }
  }

  /** Resolves after `delayMs`. */
  wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.setTimer(resolve, delayMs));
  }

  /** Runs everything that is due within `durationMs`, in order, letting all promises settle between. */
  async run(durationMs: number): Promise<void> {
    const endMs = this.timeMs + durationMs;
    await this.settle();
    for (let next = this.pop(endMs); next !== undefined; next = this.pop(endMs)) {
      this.timeMs = Math.max(this.timeMs, next.atMs);
      next.callback?.();
      await this.settle();
    }
    this.timeMs = endMs;
  }

  /** Runs until the condition holds. @throws Error when it does not within `limitMs` of virtual time. */
  async runUntil(condition: () => boolean | Promise<boolean>, limitMs = 120_000): Promise<void> {
    const endMs = this.timeMs + limitMs;
    await this.settle();
    while (!(await condition())) {
      const next = this.pop(endMs);
      if (next === undefined) throw new Error(`the condition did not come true within ${limitMs} ms`);
      this.timeMs = Math.max(this.timeMs, next.atMs);
      next.callback?.();
      await this.settle();
    }
  }

  /** All promises that can settle without a timer have: an immediate runs after the microtasks. */
  private async settle(): Promise<void> {
    do await new Promise((resolve) => setImmediate(resolve));
    while (this.outside > 0);
  }

  private push(timer: Timer): void {
    const { timers } = this;
    let place = timers.length;
    for (let parent = (place - 1) >> 1; place > 0; place = parent, parent = (place - 1) >> 1) {
      const above = timers[parent];
      if (above === undefined || isBefore(above, timer)) break;
      timers[place] = above;
    }
    timers[place] = timer;
  }

  /** The next timer that is due by then and was not cancelled. */
  private pop(endMs: number): Timer | undefined {
    for (let first = this.timers[0]; first !== undefined && first.atMs <= endMs; first = this.timers[0]) {
      const last = this.timers.pop();
      if (last !== undefined && last !== first) this.sink(last);
      if (first.callback !== null) return first;
    }
    return undefined;
  }

  /** Puts a timer at the top and lets it sink to its place. */
  private sink(timer: Timer): void {
    const { timers } = this;
    let place = 0;
    for (;;) {
      const [left, right] = [timers[2 * place + 1], timers[2 * place + 2]];
      const isRight = left !== undefined && right !== undefined && isBefore(right, left);
      const below = isRight ? right : left;
      if (below === undefined || isBefore(timer, below)) break;
      timers[place] = below;
      place = 2 * place + (isRight ? 2 : 1);
    }
    timers[place] = timer;
  }
}

function isBefore(one: Timer, other: Timer): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
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
