/**
 * Waits for a server that cannot be reached yet. A pod reaches nothing in its first moments: network policies learn its address
 * only after it has one.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { NetworkError, type Http } from '@cipherchat/client-sdk';
import { discoveryPath } from './chosen-gateway.js';

const againAfterMs = 500;

/** Any answer ends the waiting, also a refusal. @throws NetworkError when there is none in time; what `interrupted` is aborted with */
export async function untilAnswered(params: {
  readonly serverUrl: string;
  readonly withinMs: number;
  readonly http: Http;
  readonly nowMs: () => number;
  readonly interrupted: AbortSignal;
}): Promise<void> {
  const { serverUrl, withinMs, http, nowMs, interrupted } = params;
  const deadlineMs = nowMs() + withinMs;
  for (;;) {
    try {
      await http({ method: 'GET', url: new URL(discoveryPath, serverUrl).href, headers: {} });
      return;
    } catch (error) {
      if (!(error instanceof NetworkError) || nowMs() >= deadlineMs) throw error;
    }
    await sleep(againAfterMs, undefined, { signal: interrupted });
  }
}
