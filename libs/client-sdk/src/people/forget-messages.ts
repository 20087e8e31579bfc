/**
 * The messages of a declined conversation go from this device. Their ids stay: what is sent again, after a restore of the
 * server, is known still, and comes back to nobody.
 */
import type { ConversationId } from '@cipherchat/protocol';
import { removeMessage } from '../messages/message-table.js';
import type { Memory } from '../state/memory.js';
import type { Steps } from '../state/steps.js';
import { keyOf, tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';

/** In one write. A request may hold whatever its sender liked to send. */
const maxForgottenPerStep = 500;

/** Goes on until nothing is left; begun again after a crash (`Requests.forgetDeclined`). */
export async function forgetMessages(
  { steps, memory }: { readonly steps: Steps; readonly memory: Memory },
  conversation: ConversationId,
): Promise<void> {
  while ((memory.conversations.get(conversation)?.forgetThrough ?? null) !== null)
    await steps.run('people/forget', (transaction) => forgetSome(transaction, conversation));
}

async function forgetSome(transaction: Transaction, conversation: ConversationId): Promise<void> {
  const row = await transaction.get(tables.conversations, conversation);
  if (row === null || row.forgetThrough === null) return;
  const through = keyOf.message(conversation, row.forgetThrough);
  const page = { prefix: keyOf.groupPrefix(conversation), limit: maxForgottenPerStep };
  const found = await transaction.scan(tables.messages, page);
  const forgotten = found.filter(({ key }) => key <= through);
  for (const item of forgotten) removeMessage(transaction, item.row);
  // What a list shows follows from the messages, in the same write: it goes in the step after theirs.
  if (forgotten.length > 0) return;
  if (found.length === 0) transaction.delete(tables.summaries, conversation);
  const early = await transaction.scan(tables.earlyEffects, page);
  for (const { key } of early) transaction.delete(tables.earlyEffects, key);
  transaction.put(tables.conversations, conversation, { ...row, forgetThrough: null });
}

/** Where the conversation ends for now; `null` when nothing stands in it. */
export async function lastPlace(
  transaction: Transaction,
  conversation: ConversationId,
): Promise<string | null> {
  const [last] = await transaction.scan(tables.messages, {
    prefix: keyOf.groupPrefix(conversation),
    limit: 1,
    order: 'descending',
  });
  return last?.row.place ?? null;
}
