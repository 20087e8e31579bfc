/** Giving an intent up for good, where the person can see it. */
import { markMessageFailed } from '../messages/message-table.js';
import type { ClientEvents } from '../events.js';
import type { Memory } from '../state/memory.js';
import type { ConversationRow, PermanentFailure } from '../state/rows.js';
import { keyOf, tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';
import { deleteIntent } from './intent-table.js';
import type { IntentRow, IntentWork } from './intents.js';

export async function failIntent(params: {
  readonly transaction: Transaction;
  readonly memory: Memory;
  readonly intent: IntentRow;
  readonly conversation: ConversationRow;
  readonly failure: PermanentFailure;
  readonly nowMs: number;
}): Promise<void> {
  const { transaction, memory, intent, conversation, failure } = params;
  deleteIntent(transaction, intent);
  if (intent.state.kind !== 'queued')
    transaction.delete(tables.ownEnvelopes, keyOf.ownEnvelope(intent.conversation, intent.state.envelope));
  if (intent.work.kind === 'message') {
    const view = { profile: memory.profile, conversation };
    await markMessageFailed({
      transaction,
      conversation: intent.conversation,
      message: intent.work.message,
      failure,
      view,
    });
    return;
  }
  transaction.emit({
    type: 'action-failed',
    data: { conversation: intent.conversation, action: actionOf(intent.work), failure },
  });
}

function actionOf(work: Exclude<IntentWork, { kind: 'message' }>): ClientEvents['action-failed']['action'] {
  switch (work.kind) {
    case 'remove-devices':
      return 'remove';
    case 'mend':
      return 'update';
    case 'readd':
      return 'add';
    case 'ask-readd':
      return 'rejoin';
    default:
      return work.kind;
  }
}
