/** Giving an intent up for good, where the person can see it. */
import { ownEffectFailed } from '../messages/effect-table.js';
import { findMessage, isShown, markMessageFailed } from '../messages/message-table.js';
import type { ClientEvents } from '../events.js';
import type { Memory } from '../state/memory.js';
import type { ConversationRow, HiddenBody, PermanentFailure } from '../state/rows.js';
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
    await failEffect(params, intent.work);
    return;
  }
  transaction.emit({
    type: 'action-failed',
    data: { conversation: intent.conversation, action: actionOf(intent.work), failure },
  });
}

/** Nobody sees a reaction, an edit or a deletion that waits, so its failure is told. */
async function failEffect(
  { transaction, memory, conversation, failure }: Parameters<typeof failIntent>[0],
  { message }: Extract<IntentWork, { kind: 'message' }>,
): Promise<void> {
  const failed = await findMessage({ transaction, conversation: conversation.id, message });
  if (failed === null || isShown(failed)) return;
  await ownEffectFailed({ transaction, memory, row: conversation }, failed);
  const action = effectActions[failed.body.kind as HiddenBody['kind']];
  if (action === null) return;
  transaction.emit({ type: 'action-failed', data: { conversation: conversation.id, action, failure } });
}

/** A profile is due still, and tried again; that somebody left, or by which invite they came, is lost with what it is about. */
const effectActions = {
  reaction: 'react',
  edit: 'edit',
  deletion: 'delete',
  'own-profile': null,
  introduction: null,
  left: null,
  'told-name': null,
  'told-timer': null,
  disappeared: null,
} as const;

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
