import type { Fetch } from '@cipherchat/load-people';

const againAfterMs = 500;

/**
 * Asks again while nobody answers, or only what stands in front of a deployment of which it has not heard: in its first moments a
 * pod reaches nothing, since network policies learn its address only after it has one. The last outcome counts when the time is over.
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
        const answer = await by(...request);
        if (answer.ok || nowMs() >= deadlineMs) return answer;
      } catch (error) {
        if (nowMs() >= deadlineMs) throw error;
      }
      await sleep(againAfterMs);
    }
  };
}
