import type { Fetch } from '@cipherchat/load-people';

const againAfterMs = 500;

/**
 * Asks again while nothing answers: in its first moments a pod reaches nothing, since network policies learn its address only
 * after it has one. Rejects as `by` does when the time is over.
 */
export function patientFetch(params: {
  readonly by: Fetch;
  readonly withinMs: number;
  readonly nowMs: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
}): Fetch {
  const { by, withinMs, nowMs, sleep } = params;
  const deadlineMs = nowMs() + withinMs;
  return async (...request) => {
    for (;;) {
      try {
        return await by(...request);
      } catch (error) {
        if (nowMs() >= deadlineMs) throw error;
      }
      await sleep(againAfterMs);
    }
  };
}
