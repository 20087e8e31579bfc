/** Asking to be added anew (`repair/readd.ts`): the same request until it is answered. */
import { conversationRoutes, isProblem, type EnvelopeId } from '@cipherchat/protocol';
import { tables } from '../state/tables.js';
import { giveUp } from './give-up.js';
import { addIntent, deleteIntent } from './intent-table.js';
import type { IntentRow } from './intents.js';
import type { Outbox } from './outbox.js';
import type { Performed } from './perform.js';
import { judgeRefusal } from './refusal.js';

/** Whoever asked waits this long for help, then tries an external commit again: the stored GroupInfo may be better now. */
const retryRejoinMs = 10 * 60_000;

/** @throws NetworkError, ProblemError */
export async function sendReaddRequest(
  outbox: Outbox,
  intent: IntentRow,
  envelope: EnvelopeId,
): Promise<Performed> {
  const { api, steps, memory, clock, noteHead } = outbox.ports;
  const { conversation } = intent;
  let seq: number;
  try {
    const path = { conversation };
    seq = (await api.call(conversationRoutes.requestReadd, { path, request: { envelope } })).seq;
  } catch (error) {
    const verdict = isProblem(error) ? judgeRefusal(error) : null;
    if (verdict?.kind === 'fail') return giveUp(outbox, intent, verdict.failure);
    throw error;
  }
  await steps.run('outbox/answered', async (transaction) => {
    if ((await transaction.get(tables.intents, intent.key)) === null) return;
    deleteIntent(transaction, intent);
    const nowMs = clock.nowMs();
    await addIntent(
      { transaction, memory },
      { conversation, work: { kind: 'rejoin' }, addedAtMs: nowMs, notBeforeMs: nowMs + retryRejoinMs },
    );
    transaction.after(() => noteHead(conversation, seq));
  });
  return { kind: 'progressed' };
}
