/**
 * What goes with a message whose time is over: its row with all that was done to it, what was done to it before it came,
 * and what of it waits to be sent. What follows from messages (`messages/conclude.ts`) goes in the same write.
 *
 * Of a message of another's its id stays, so that it is known when it comes again. Of ours a hidden row stays, with its
 * number and no content: after a restore of the server the others are told that it was there, and miss nothing.
 */
import type { MessageId } from '@cipherchat/protocol';
import { deletionOf } from '../messages/effect-table.js';
import { noEffects } from '../messages/effects.js';
import { findMessage, isShown, putMessage, removeMessage } from '../messages/message-table.js';
import { intentsOf } from '../outbox/intent-table.js';
import type { IntentRow } from '../outbox/intents.js';
import type { Memory } from '../state/memory.js';
import type { ExpiryRow } from '../state/expiry-rows.js';
import type { MessageRow } from '../state/rows.js';
import { keyOf, tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';

type Here = { readonly transaction: Transaction; readonly memory: Memory };

export async function disappear(here: Here, expiry: ExpiryRow): Promise<void> {
  const { transaction, memory } = here;
  const { conversation, message, dueMs } = expiry;
  transaction.delete(tables.expiries, keyOf.expiry(expiry));
  await forgetEarly(transaction, expiry);
  const row = await findMessage({ transaction, conversation, message });
  // Deleted by other ways, or not come yet: what counted was done to it, and not it.
  if (row?.disappears?.dueMs !== dueMs) return;
  await forgetWaiting(here, row);
  if (row.sender?.device === memory.profile.device) leaveNumber(transaction, row);
  else removeMessage(transaction, row);
  if (isShown(row)) transaction.emit({ type: 'message-removed', data: { conversation, message } });
}

/** That its author deleted it stays known: it may come yet. */
async function forgetEarly(
  transaction: Transaction,
  { conversation, message, dueMs }: ExpiryRow,
): Promise<void> {
  const key = keyOf.messagePlace(conversation, message);
  const early = await transaction.get(tables.earlyEffects, key);
  if (early?.dueMs !== dueMs) return;
  if (early.deletedBy.length === 0) transaction.delete(tables.earlyEffects, key);
  else transaction.put(tables.earlyEffects, key, { ...noEffects, deletedBy: early.deletedBy });
}

/** What it says, and what was done to it, goes from what waits; that it is gone is said in place of it. */
async function forgetWaiting({ transaction, memory }: Here, { conversation, message }: MessageRow) {
  for (const intent of intentsOf({ transaction, memory, conversation })) {
    if (!holdsTextOf(intent, message)) continue;
    const { work } = intent;
    transaction.put(tables.intents, intent.key, {
      ...intent,
      work: { ...work, body: deletionOf(work.message) },
    });
    if (work.message === message) continue;
    const effect = await findMessage({ transaction, conversation, message: work.message });
    if (effect !== null) leaveNumber(transaction, effect);
  }
}

type MessageIntent = IntentRow & { readonly work: Extract<IntentRow['work'], { readonly kind: 'message' }> };

/** A deletion holds none, and others may have the message still. */
function holdsTextOf(intent: IntentRow, message: MessageId): intent is MessageIntent {
  const { work } = intent;
  if (work.kind !== 'message' || work.body.kind === 'deletion') return false;
  return work.message === message || ('target' in work.body && work.body.target === message);
}

function leaveNumber(transaction: Transaction, before: MessageRow): void {
  const { effects: _, unread: __, ...bare } = before;
  putMessage(transaction, { before, after: { ...bare, body: { kind: 'disappeared' } } });
}
