/** Sending a prepared commit, with all that becomes true with it, over HTTP: it may be megabytes. */
import { conversationRoutes, isProblem, type ConversationId, type ProblemError } from '@cipherchat/protocol';
import { epochSeqOf } from '../repair/statement.js';
import { newConversationRow, putConversation } from '../conversations/conversation-row.js';
import { findMessage } from '../messages/message-table.js';
import { keyOf, tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';
import { deleteIntent, intentsOf } from './intent-table.js';
import type { IntentRow } from './intents.js';
import type { Outbox } from './outbox.js';
import { giveUp, maxAttempts } from './give-up.js';
import type { Performed } from './perform.js';
import { judgeRefusal } from './refusal.js';
import { planAnchor } from './plan-anchor.js';
import { requeueWithGroup } from './requeue.js';
import { waitForCommit } from './wait-for-commit.js';

export async function sendBundle(outbox: Outbox, intent: IntentRow): Promise<Performed> {
  const bytes = await outbox.ports.steps.reader().get(tables.intentBytes, intent.key);
  if (intent.state.kind !== 'prepared' || bytes === null) return { kind: 'waiting' };
  try {
    const answer = await post(outbox, intent, bytes);
    return answer.kind === 'exists'
      ? await joinExisting(outbox, intent, answer.conversation)
      : await accepted(outbox, intent, answer.seq);
  } catch (error) {
    if (isProblem(error)) return refused(outbox, intent, error);
    throw error;
  }
}

async function post(outbox: Outbox, intent: IntentRow, binary: Uint8Array) {
  const { api, memory } = outbox.ports;
  const { conversation, work, state } = intent;
  // An anchor that builds on nothing founds the conversation again.
  const founds = state.kind === 'prepared' && state.commitSeq === 0;
  if (work.kind === 'create' || (work.kind === 'anchor' && founds))
    return api.call(conversationRoutes.create, { binary });
  const row = memory.conversations.get(conversation);
  // Whoever joins from outside cannot know which commits were void.
  const isFromInside = row !== undefined && state.kind === 'prepared' && state.as === 'commit';
  const query = {
    ...(isFromInside ? { epochSeq: epochSeqOf(row) } : {}),
    ...(work.kind === 'readd' ? { readds: work.device.device } : {}),
  };
  return api.call(conversationRoutes.commit, { path: { conversation }, query, binary });
}

/** The server has it; what it did becomes true here when the log is read up to it. */
async function accepted(outbox: Outbox, intent: IntentRow, seq: number): Promise<Performed> {
  const { steps, noteHead } = outbox.ports;
  await steps.run('outbox/answered', async (transaction) => {
    const current = await transaction.get(tables.intents, intent.key);
    if (current?.state.kind === 'prepared')
      transaction.put(tables.intents, intent.key, {
        ...current,
        state: { kind: 'accepted', envelope: current.state.envelope, seq },
      });
    transaction.after(() => noteHead(intent.conversation, seq));
  });
  return { kind: 'progressed' };
}

async function refused(outbox: Outbox, intent: IntentRow, problem: ProblemError): Promise<Performed> {
  const verdict = judgeRefusal(problem);
  switch (verdict.kind) {
    case 'again':
      return { kind: 'again-later', afterMs: verdict.afterMs };
    case 'fail':
      return giveUp(outbox, intent, verdict.failure);
    case 'anew':
      return intent.attempts + 1 >= maxAttempts
        ? giveUp(outbox, intent, verdict.failure)
        : requeueWithGroup(outbox, intent);
    case 'closed':
      return planAnchor(outbox, intent);
    case 'stale':
      // Losing races is normal in a busy group: not counted as long as the group moves on.
      return (await waitForCommit(outbox, intent, verdict.lastCommitSeq)) ?? requeueWithGroup(outbox, intent);
  }
}

/**
 * Of two simultaneous creations of a 1:1 ours lost. What was written into ours goes to the winner's: its log
 * holds our welcome if the other side knew this device, else this device adds itself.
 */
async function joinExisting(outbox: Outbox, intent: IntentRow, winner: ConversationId): Promise<Performed> {
  const { steps, memory, clock, noteHead } = outbox.ports;
  const loser = intent.conversation;
  await steps.run('outbox/replace-conversation', async (transaction) => {
    const row = await transaction.get(tables.conversations, loser);
    if (row === null) return;
    const known = await transaction.get(tables.conversations, winner);
    const fresh = newConversationRow({
      id: winner,
      kind: 'direct',
      phase: 'joining',
      peer: row.peer,
      suite: row.suite,
      nowMs: clock.nowMs(),
    });
    if (known === null) putConversation(transaction, fresh);
    deleteIntent(transaction, intent);
    if (intent.state.kind !== 'queued')
      transaction.delete(tables.ownEnvelopes, keyOf.ownEnvelope(loser, intent.state.envelope));
    await transaction.deleteGroup({ conversation: loser, suite: row.suite });
    for (const waiting of intentsOf({ transaction, memory, conversation: loser }))
      await moveIntent(transaction, waiting, winner);
    putConversation(transaction, { ...row, phase: 'removed', replacedBy: winner });
    transaction.emit({ type: 'conversation-replaced', data: { from: loser, to: winner } });
    transaction.after(() => noteHead(winner, 1));
  });
  outbox.wake(winner);
  return { kind: 'progressed' };
}

async function moveIntent(transaction: Transaction, intent: IntentRow, to: ConversationId): Promise<void> {
  transaction.put(tables.intents, intent.key, { ...intent, conversation: to });
  if (intent.work.kind !== 'message') return;
  const message = await findMessage({
    transaction,
    conversation: intent.conversation,
    message: intent.work.message,
  });
  if (message === null) return;
  transaction.delete(tables.messages, keyOf.message(message.conversation, message.place));
  transaction.delete(tables.messagePlaces, keyOf.messagePlace(message.conversation, message.message));
  transaction.put(tables.messages, keyOf.message(to, message.place), { ...message, conversation: to });
  transaction.put(tables.messagePlaces, keyOf.messagePlace(to, message.message), message.place);
}
