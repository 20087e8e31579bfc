/** This device's own anchor, planned or in the log; see `inbox/apply-anchor.ts`. */
import type { ConversationId } from '@cipherchat/protocol';
import { intentsOf } from '../outbox/intent-table.js';
import type { Memory } from '../state/memory.js';
import type { ConversationRow } from '../state/rows.js';
import type { Transaction } from '../state/transaction.js';

/** It is still to come: where the log goes on without it, it is on another's, which we do not follow. */
export function awaitsOwnAnchor(params: {
  readonly transaction: Transaction;
  readonly memory: Memory;
  readonly conversation: ConversationId;
}): boolean {
  return intentsOf(params).some(({ work }) => work.kind === 'anchor');
}

/** It stands in the log now. What was passed over before it is offered again by those who wrote it. */
export function afterOwnAnchor(row: ConversationRow): ConversationRow {
  const { lostByRestore } = row;
  return {
    ...row,
    skippedEntries: 0,
    lostByRestore: lostByRestore === null ? null : { ...lostByRestore, hasAnchored: true },
  };
}
