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
