/** This device is no longer in the conversation: what is here stays readable, nothing more is sent. */
import type { UserId } from '@cipherchat/protocol';
import { failIntent } from '../outbox/fail-intent.js';
import { intentsOf } from '../outbox/intent-table.js';
import type { Memory } from '../state/memory.js';
import type { ConversationRow } from '../state/rows.js';
import { tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';

/** The row after it; the caller puts it. */
export async function becomeRemoved(params: {
  readonly transaction: Transaction;
  readonly memory: Memory;
  readonly row: ConversationRow;
  readonly nowMs: number;
}): Promise<ConversationRow> {
  const { transaction, memory, row, nowMs } = params;
  const before = (await transaction.get(tables.rosters, row.id))?.members ?? [];
  const own: UserId = memory.profile.user;
  transaction.put(tables.rosters, row.id, { members: before.filter(({ user }) => user !== own) });
  const removed: ConversationRow = { ...row, timer: { ...row.timer, waiting: null }, phase: 'removed' };
  for (const intent of intentsOf({ transaction, memory, conversation: row.id })) {
    await failIntent({
      transaction,
      memory,
      intent,
      conversation: removed,
      failure: 'removed-from-conversation',
      nowMs,
    });
  }
  return removed;
}
