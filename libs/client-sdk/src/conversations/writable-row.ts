/** Whether a conversation can be written into. */
import type { ConversationId } from '@cipherchat/protocol';
import { CallRefusedError } from '../call-refused.js';
import { maxIntents } from '../outbox/intent-table.js';
import type { Memory } from '../state/memory.js';
import type { ConversationRow } from '../state/rows.js';
import { tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';

/** A handle's: the conversation may be replaced while the call waits its turn. */
export type Where = { readonly id: ConversationId };

/** Decided inside the step: the conversation may have been replaced, or left, while the call waited its turn. */
export async function writableRow(
  { memory }: { readonly memory: Memory },
  transaction: Transaction,
  where: Where,
): Promise<ConversationRow> {
  const row = await memberRow(transaction, where);
  if (memory.intents.size >= maxIntents) throw new CallRefusedError('too-many-waiting');
  return row;
}

export async function memberRow(transaction: Transaction, where: Where): Promise<ConversationRow> {
  const row = await transaction.get(tables.conversations, where.id);
  if (row === null) throw new CallRefusedError('unknown-conversation');
  if (row.phase === 'removed' || row.phase === 'leaving') throw new CallRefusedError('not-a-member');
  return row;
}
