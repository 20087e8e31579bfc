import type { CipherChat, ClientEventName } from '@cipherchat/client-sdk';
import { CliFailure } from './exit-codes.js';
import { ofStop } from './explain-failure.js';

const watched: readonly ClientEventName[] = [
  'connection',
  'message',
  'message-changed',
  'conversation',
  'action-failed',
  'alarm',
];

/**
 * Waits until `isSo`, asked at first and after every event. `false` when the time is over.
 * @throws CliFailure when interrupted, or when the client stops for good
 */
export async function waitUntil(params: {
  readonly client: CipherChat;
  readonly isSo: () => boolean | Promise<boolean>;
  readonly timeoutMs: number;
  readonly interrupted: AbortSignal;
}): Promise<boolean> {
  const { client, isSo, timeoutMs, interrupted } = params;
  let wake: () => void = () => undefined;
  let timedOut = false;
  const stopListening = watched.map((name) => client.on(name, () => wake()));
  const timer = setTimeout(() => {
    timedOut = true;
    wake();
  }, timeoutMs);
  const onAbort = (): void => wake();
  interrupted.addEventListener('abort', onAbort);
  try {
    for (;;) {
      // Made before asking, so that what happens meanwhile is not missed.
      const woken = new Promise<void>((resolve) => (wake = resolve));
      if (await isSo()) return true;
      throwIfOver(client, interrupted);
      if (timedOut) return false;
      await woken;
    }
  } finally {
    clearTimeout(timer);
    interrupted.removeEventListener('abort', onAbort);
    for (const stop of stopListening) stop();
  }
}

export function throwIfOver(client: CipherChat, interrupted: AbortSignal): void {
  if (interrupted.aborted) throw new CliFailure('interrupted', 'interrupted');
  const { connection } = client;
  if (connection.kind === 'stopped' && connection.reason !== 'closed') throw ofStop(connection.reason);
}

/** `30s`, `500ms`, `2m`; a bare number is seconds. @throws CliFailure `usage` */
export function parseDuration(text: string): number {
  const found = /^(\d{1,9})(ms|s|m|h)?$/.exec(text);
  const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }[found?.[2] ?? 's'];
  if (found === null || unitMs === undefined)
    throw new CliFailure('usage', `"${text}" is not a duration`, { hint: 'Like 30s, 500ms or 2m.' });
  // Longer timers than this overflow in Node and fire at once.
  return Math.min(Number(found[1]) * unitMs, 2 ** 31 - 1);
}
