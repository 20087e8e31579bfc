/** Time as the client sees it: passed in, so that a simulator can own it. */
export interface Clock {
  /** Milliseconds since the Unix epoch; may jump in either direction. */
  readonly nowMs: () => number;
  /** Calls back once after `delayMs`; returns what cancels it. */
  readonly setTimer: (callback: () => void, delayMs: number) => CancelTimer;
}

/** Stops a timer; harmless after it fired. */
export type CancelTimer = () => void;

/** The clock of the machine. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  setTimer: (callback, delayMs) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** A clock whose timers all end at once, for whoever must leave nothing behind. */
export function closableClock(clock: Clock): Clock & { readonly close: () => void } {
  const running = new Set<CancelTimer>();
  let isClosed = false;
  return {
    nowMs: clock.nowMs,
    setTimer: (callback, delayMs) => {
      if (isClosed) return () => undefined;
      const forget = (): void => void running.delete(cancel);
      const stop = clock.setTimer(() => {
        forget();
        callback();
      }, delayMs);
      const cancel = (): void => {
        forget();
        stop();
      };
      running.add(cancel);
      return cancel;
    },
    close: () => {
      isClosed = true;
      for (const cancel of running) cancel();
    },
  };
}
