/** Asking to be added anew (`repair/readd.ts`): the same request until it is answered. */
import { conversationRoutes, isProblem, type EnvelopeId } from '@cipherchat/protocol';
import { putConversation } from '../conversations/conversation-row.js';
import { tables } from '../state/tables.js';
import { giveUp } from './give-up.js';
import { addIntent, deleteIntent } from './intent-table.js';
import type { IntentRow } from './intents.js';
import type { Outbox } from './outbox.js';
import type { Performed } from './perform.js';
import { judgeRefusal } from './refusal.js';

/**
 * Whoever asked waits for help, then tries an external commit again: the stored GroupInfo may be better now. Each
 * request is an entry of the log for good, so who asks in vain asks ever less often. Members find the last one
 * whenever they come back.
 */
const firstRetryMs = 10 * 60_000;
const maxRetryMs = 4 * 60 * 60_000;
/** 10 minutes · 2^5 is past the maximum. */
const maxDoublings = 5;

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
    const row = await transaction.get(tables.conversations, conversation);
    if (row === null || (await transaction.get(tables.intents, intent.key)) === null) return;
    deleteIntent(transaction, intent);
    const nowMs = clock.nowMs();
    const notBeforeMs = nowMs + retryMs(row.readdRequests);
    await addIntent(
      { transaction, memory },
      { conversation, work: { kind: 'rejoin' }, addedAtMs: nowMs, notBeforeMs },
    );
    putConversation(transaction, { ...row, readdRequests: row.readdRequests + 1 });
    transaction.after(() => noteHead(conversation, seq));
  });
  return { kind: 'progressed' };
}

function retryMs(inVain: number): number {
  return Math.min(maxRetryMs, firstRetryMs * 2 ** Math.min(inVain, maxDoublings));
}
