/**
 * An open loop: what is due at a time is done then, whatever became of what was due before. A generator that is late
 * does all that is due at once, and what it does knows when it should have been done.
 */
import type { Runtime } from './runtime.js';

export type Pace = {
  /** Of all VUs together. */
  readonly perSecond: number;
  readonly seconds: number;
  /** This VU's place among those that share the rate. */
  readonly share: { readonly index: number; readonly of: number };
  readonly act: (index: number, dueMs: number) => void;
};

/** Resolves when the time is over. */
export function keepPace(runtime: Pick<Runtime, 'nowMs' | 'later'>, pace: Pace): Promise<void> {
  const { perSecond, seconds, share, act } = pace;
  const startedAtMs = runtime.nowMs();
  const spacingMs = (1_000 * share.of) / perSecond;
  const offsetMs = (spacingMs * share.index) / share.of;
  const endsAtMs = startedAtMs + seconds * 1_000;
  let done = 0;
  return new Promise((resolve) => {
    const step = (): void => {
      for (; ; done++) {
        const dueMs = startedAtMs + offsetMs + done * spacingMs;
        const nowMs = runtime.nowMs(); // each time: to act takes time too
        if (dueMs >= endsAtMs) {
          runtime.later(Math.max(0, endsAtMs - nowMs), resolve);
          return;
        }
        if (dueMs > nowMs) {
          runtime.later(dueMs - nowMs, step);
          return;
        }
        act(done, dueMs);
      }
    };
    step();
  });
}
