/**
 * What a person does about a message that will never be sent by itself: tries again, or gives it up. Each is one step, and
 * nothing when it is done already, so that it may be asked twice.
 *
 * Invariants (`failed-messages.spec.ts`):
 * - Tried again, it is the same message: whoever has it drops what comes again under its id.
 * - What others may have read stays here: one that failed never stood in the log (`send-message.ts` sees to that), or did
 *   before a restore of the server.
 */
import type { MessageId } from '@cipherchat/protocol';
import { CallRefusedError } from '../call-refused.js';
import { putConversation } from '../conversations/conversation-row.js';
import { writableRow, type Where } from '../conversations/writable-row.js';
import {
  changeMessage,
  findMessage,
  isShown,
  removeMessage,
  type ShownRow,
} from '../messages/message-table.js';
import { acceptRow } from '../people/standing.js';
import { wishesOf } from '../restore/offer-again.js';
import type { Runtime } from '../runtime.js';
import { isPending, placeOfPending } from '../state/places.js';
import { keyOf, tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';
import { addIntent } from './intent-table.js';

/** Behind all that waits, as if it were written now. @throws CallRefusedError */
export async function retryMessage(runtime: Runtime, where: Where, message: MessageId): Promise<void> {
  const { steps, memory, outbox, ports } = runtime;
  await steps.run('outbox/add-intent', async (transaction) => {
    const here = { transaction, memory };
    const known = await writableRow(runtime, transaction, where);
    const failed = await findFailed(transaction, where, message);
    if (failed === null) return;
    if (failed.body.kind === 'deleted') throw new CallRefusedError('message-deleted');
    const [wish] = await wishesOf(here, [failed]);
    if (wish === undefined) return;
    const row = await acceptRow(here, known);
    if (row !== known) putConversation(transaction, row);
    const { work } = wish;
    const { key } = await addIntent(here, { conversation: row.id, work, addedAtMs: ports.clock.nowMs() });
    // Once it stood in the log it stays where it was.
    const place = isPending(failed.place) ? placeOfPending(Number(key)) : failed.place;
    changeMessage(
      { ...here, row },
      { before: failed, after: { ...failed, place, state: { kind: 'queued' } } },
    );
    transaction.after(() => outbox.wake(row.id));
  });
}

/** One that was sent before, and was to be sent again after a restore of the server, stays as sent. @throws CallRefusedError */
export async function discardMessage(
  { steps, memory }: Runtime,
  where: Where,
  message: MessageId,
): Promise<void> {
  await steps.run('outbox/discard', async (transaction) => {
    const row = await transaction.get(tables.conversations, where.id);
    if (row === null) throw new CallRefusedError('unknown-conversation');
    const failed = await findFailed(transaction, where, message);
    if (failed === null) return;
    if (failed.counter !== undefined)
      return changeMessage(
        { transaction, memory, row },
        { before: failed, after: { ...failed, state: { kind: 'sent' } } },
      );
    removeMessage(transaction, failed);
    transaction.emit({ type: 'message-removed', data: { conversation: row.id, message } });
  });
}

/** `null` when it is not failed, or gone already. @throws CallRefusedError `unknown-message`: it never was here */
async function findFailed(
  transaction: Transaction,
  { id: conversation }: Where,
  message: MessageId,
): Promise<ShownRow | null> {
  const place = await transaction.get(tables.messagePlaces, keyOf.messagePlace(conversation, message));
  if (place === null) throw new CallRefusedError('unknown-message');
  const found = await findMessage({ transaction, conversation, message });
  return found !== null && isShown(found) && found.state.kind === 'failed' ? found : null;
}
