/**
 * An open loop: what is due at a time is done then, whatever became of what was due before. A generator that is late
 * does all that is due at once, and what it does knows when it should have been done.
 */
import type { Runtime } from './runtime.js';

type Clock = Pick<Runtime, 'nowMs' | 'later'>;
type Act = (index: number, dueMs: number) => void;

/** A VU's place among those that share a rate. */
export type Share = { readonly index: number; readonly of: number };

/** So many times a second, all VUs together. Resolves when the time is over. */
export async function keepPace(
  clock: Clock,
  pace: { readonly perSecond: number; readonly seconds: number; readonly share: Share; readonly act: Act },
): Promise<void> {
  const { perSecond, seconds, share, act } = pace;
  const times = Math.max(0, Math.ceil((perSecond * seconds - share.index) / share.of));
  await keepTimes(clock, {
    times,
    afterMs: (index) => (1_000 * (index * share.of + share.index)) / perSecond,
    endsAfterMs: seconds * 1_000,
    act,
  });
}

/** Ever faster: evenly growing from nothing, so many times in this VU and as many in each other until the end. */
export async function rampUp(
  clock: Clock,
  ramp: { readonly times: number; readonly seconds: number; readonly share: Share; readonly act: Act },
): Promise<void> {
  const { times, seconds, share, act } = ramp;
  const endsAfterMs = seconds * 1_000;
  const afterMs = (index: number): number => {
    // VUs take turns, and each turn another one begins: a proxy that sends sockets to two gateways in turn would
    // send all of one VU to the same.
    const place = index * share.of + ((share.index + index) % share.of);
    // By t a share (t/T)² of all is done: the rate is its slope.
    return endsAfterMs * Math.sqrt((place + 0.5) / (times * share.of));
  };
  await keepTimes(clock, { times, afterMs, endsAfterMs, act });
}

function keepTimes(
  clock: Clock,
  order: {
    readonly times: number;
    readonly afterMs: (index: number) => number;
    readonly endsAfterMs: number;
    readonly act: Act;
  },
): Promise<void> {
  const { times, afterMs, endsAfterMs, act } = order;
  const startedAtMs = clock.nowMs();
  let done = 0;
  return new Promise((resolve) => {
    const step = (): void => {
      for (; done < times; done++) {
        const dueMs = startedAtMs + afterMs(done);
        const nowMs = clock.nowMs(); // each time: to act takes time too
        if (dueMs > nowMs) {
          clock.later(dueMs - nowMs, step);
          return;
        }
        act(done, dueMs);
      }
      clock.later(Math.max(0, startedAtMs + endsAfterMs - clock.nowMs()), resolve);
    };
    step();
  });
}
