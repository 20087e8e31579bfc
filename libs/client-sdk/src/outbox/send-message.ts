/** Sending a prepared message, and asking to leave. */
import { conversationRoutes, type ConversationId, type EnvelopeId } from '@cipherchat/protocol';
import { becomeRemoved } from '../conversations/become-removed.js';
import { putConversation } from '../conversations/conversation-row.js';
import { tables } from '../state/tables.js';
import { finishMessage } from './finish-message.js';
import { deleteIntent } from './intent-table.js';
import type { IntentRow } from './intents.js';
import type { Outbox } from './outbox.js';
import { giveUp, maxAttempts } from './give-up.js';
import type { Performed } from './perform.js';
import { judgeRefusal } from './refusal.js';
import { planAnchor } from './plan-anchor.js';
import { requeueWithGroup } from './requeue.js';
import { waitForCommit } from './wait-for-commit.js';

const progressed: Performed = { kind: 'progressed' };

export async function sendMessage(outbox: Outbox, intent: IntentRow): Promise<Performed> {
  const { ports, exchange } = outbox;
  const { state } = intent;
  const ciphertext = await ports.steps.reader().get(tables.intentBytes, intent.key);
  if (state.kind !== 'prepared' || ciphertext === null || !ports.isLive()) return { kind: 'waiting' };
  outbox.neverHanded.delete(state.envelope);
  const answer = await exchange.append({
    conversation: intent.conversation,
    envelope: state.envelope,
    commitSeq: state.commitSeq,
    ciphertext,
  });
  switch (answer.kind) {
    case 'appended':
      return messageAccepted(outbox, intent, answer);
    case 'unanswered':
      outbox.refused.delete(intent.conversation);
      return ports.isLive() ? { kind: 'again-later', afterMs: 0 } : { kind: 'waiting' };
    case 'refused': {
      const verdict = judgeRefusal(answer.problem);
      switch (verdict.kind) {
        case 'again':
          return { kind: 'again-later', afterMs: Math.max(verdict.afterMs, answer.retryAfterMs) };
        case 'fail':
          if (!isCertain(outbox, intent, state.envelope)) return { kind: 'waiting' };
          // Removed, or left out by a void commit: the log tells, up to the place where this device left.
          if (verdict.failure === 'conversation-unknown' && intent.attempts + 1 < maxAttempts)
            return lookAgain(outbox, intent);
          return giveUp(
            outbox,
            intent,
            verdict.failure === 'conversation-unknown' ? 'removed-from-conversation' : verdict.failure,
          );
        case 'anew':
          return intent.attempts + 1 >= maxAttempts
            ? giveUp(outbox, intent, verdict.failure)
            : requeueWithGroup(outbox, intent);
        case 'closed':
          return planAnchor(outbox, intent);
        case 'stale':
          return waitForCommit(outbox, intent, verdict.lastCommitSeq) ?? requeueWithGroup(outbox, intent);
      }
    }
  }
}

/**
 * An answer to the same bytes may have been lost before they were refused: they fail once the log was read to its end
 * after that, and did not show them, so that nothing that others can read is given up. Sent once more without an answer,
 * they have to be looked for once more.
 */
function isCertain({ ports, refused }: Outbox, { conversation }: IntentRow, envelope: EnvelopeId): boolean {
  if (refused.get(conversation) === envelope) return ports.isCaughtUp(conversation);
  refused.set(conversation, envelope);
  lookBehindCursor(ports, conversation);
  return false;
}

function lookBehindCursor({ memory, noteHead }: Outbox['ports'], conversation: ConversationId): void {
  noteHead(conversation, (memory.conversations.get(conversation)?.cursorSeq ?? 0) + 1);
}

function lookAgain(outbox: Outbox, intent: IntentRow): Promise<Performed> {
  lookBehindCursor(outbox.ports, intent.conversation);
  return requeueWithGroup(outbox, intent);
}

async function messageAccepted(
  outbox: Outbox,
  intent: IntentRow,
  place: { readonly seq: number; readonly atMs: number },
): Promise<Performed> {
  const { ports } = outbox;
  const { work } = intent;
  if (work.kind !== 'message') return progressed;
  await ports.steps.run('outbox/answered', async (transaction) => {
    const current = await transaction.get(tables.intents, intent.key);
    const row = await transaction.get(tables.conversations, intent.conversation);
    // Met in the log first, which finished it.
    if (current === null || row === null) return;
    const next = await finishMessage({
      transaction,
      memory: ports.memory,
      row,
      message: work.message,
      intent: current,
      nowMs: ports.clock.nowMs(),
      ...place,
    });
    putConversation(transaction, next);
  });
  return progressed;
}

export async function sendLeave(outbox: Outbox, intent: IntentRow): Promise<Performed> {
  const { ports } = outbox;
  await ports.api.call(conversationRoutes.leave, { path: { conversation: intent.conversation } });
  await ports.steps.run('outbox/answered', async (transaction) => {
    const row = await transaction.get(tables.conversations, intent.conversation);
    deleteIntent(transaction, intent);
    // The server refuses this device from now on; the others' removal commit it may read, and need not.
    if (row !== null && row.phase !== 'removed')
      putConversation(
        transaction,
        await becomeRemoved({ transaction, memory: ports.memory, row, nowMs: ports.clock.nowMs() }),
      );
  });
  return progressed;
}
