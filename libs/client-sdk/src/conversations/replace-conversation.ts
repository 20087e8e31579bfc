/**
 * Two people began a 1:1 with each other at once: one of the two conversations lost (design.md §3), and what was
 * written into it goes to the winner. Its log holds our welcome if the other side knew this device, else this device
 * adds itself.
 *
 * Done by whatever comes first, the answer to our own creation or the first that this device hears of the winner. While
 * both were open to writing, what is written into the winner would overtake what waits in the loser.
 */
import type { ConversationId } from '@cipherchat/protocol';
import { findMessage } from '../messages/message-table.js';
import { deleteIntent, intentsOf } from '../outbox/intent-table.js';
import type { IntentRow } from '../outbox/intents.js';
import type { Memory } from '../state/memory.js';
import type { ConversationRow } from '../state/rows.js';
import { keyOf, tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';
import { putConversation } from './conversation-row.js';

/** The winner is known already, as a 1:1 with the same person; `loser` was never made on the server. */
export async function replaceConversation(params: {
  readonly transaction: Transaction;
  readonly memory: Memory;
  readonly loser: ConversationRow;
  readonly winner: ConversationId;
}): Promise<void> {
  const { transaction, memory, loser, winner } = params;
  for (const intent of intentsOf({ transaction, memory, conversation: loser.id })) {
    if (intent.work.kind !== 'create') {
      await moveIntent(transaction, intent, winner);
      continue;
    }
    deleteIntent(transaction, intent);
    if (intent.state.kind !== 'queued')
      transaction.delete(tables.ownEnvelopes, keyOf.ownEnvelope(loser.id, intent.state.envelope));
  }
  await transaction.deleteGroup({ conversation: loser.id, suite: loser.suite });
  putConversation(transaction, { ...loser, phase: 'removed', replacedBy: winner });
  transaction.emit({ type: 'conversation-replaced', data: { from: loser.id, to: winner } });
}

/** Ours that this 1:1, which the server has, makes needless: of two people it has one at most. */
export function losersTo(memory: Memory, winner: ConversationRow): readonly ConversationRow[] {
  return [...memory.conversations.values()].filter(
    (row) => row.id !== winner.id && row.phase === 'creating' && isWithSamePerson(row, winner),
  );
}

/** Whether one 1:1 can stand for the other. */
export function isWithSamePerson(
  one: Pick<ConversationRow, 'kind' | 'peer'>,
  other: Pick<ConversationRow, 'kind' | 'peer'>,
): boolean {
  return one.kind === 'direct' && other.kind === 'direct' && one.peer !== null && one.peer === other.peer;
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
