/**
 * Waits for a server that is not there yet. A pod reaches nothing in its first moments, since network policies learn its address
 * only after it has one; and what stands in front of a new deployment answers for it, until it has heard of it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { NetworkError, type Http } from '@cipherchat/client-sdk';
import { discoveryPath } from './chosen-gateway.js';

const againAfterMs = 500;

/** Until it says where its parts are, or the time is over: then whoever asks next is told why. @throws what `interrupted` is aborted with */
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
    if (nowMs() >= deadlineMs || (await answers({ serverUrl, http }))) return;
    await sleep(againAfterMs, undefined, { signal: interrupted });
  }
}

async function answers(params: { readonly serverUrl: string; readonly http: Http }): Promise<boolean> {
  const { serverUrl, http } = params;
  try {
    const url = new URL(discoveryPath, serverUrl).href;
    return (await http({ method: 'GET', url, headers: {} })).status === 200;
  } catch (error) {
    if (error instanceof NetworkError) return false;
    throw error;
  }
}
