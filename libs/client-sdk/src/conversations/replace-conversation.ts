/**
 * Two people began a 1:1 with each other at once: one of the two conversations lost (design.md §3), and what was
 * written into it goes to the winner. Its log holds our welcome if the other side knew this device, else this device
 * adds itself.
 *
 * Done by whatever comes first, the answer to our own creation or the first that this device hears of the winner. While
 * both were open to writing, what is written into the winner would overtake what waits in the loser.
 */
import type { ConversationId } from '@cipherchat/protocol';
import { withWaitingTimer } from '../expiry/timer.js';
import { moveDraft } from '../messages/drafts.js';
import { findMessage, putMessage } from '../messages/message-table.js';
import { summaryOf } from '../messages/summaries.js';
import { deleteIntent, intentsOf, requeueIntent } from '../outbox/intent-table.js';
import type { IntentRow } from '../outbox/intents.js';
import type { Memory } from '../state/memory.js';
import { placeOfPending } from '../state/places.js';
import type { ConversationRow, MessageRow } from '../state/rows.js';
import { keyOf, tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';
import { acceptRow } from '../people/standing.js';
import { putConversation } from './conversation-row.js';

/** Pending and failed messages stand last. */
const maxFailedMoved = 1_000;

/** The winner is known already, as another 1:1 with the same person; the server has no `loser`, or lost it in a restore. */
export async function replaceConversation(params: {
  readonly transaction: Transaction;
  readonly memory: Memory;
  readonly loser: ConversationRow;
  readonly winner: ConversationId;
}): Promise<void> {
  const { transaction, memory, loser, winner } = params;
  for (const intent of intentsOf({ transaction, memory, conversation: loser.id })) {
    // Nothing that was made for the loser's group is of use in another.
    const wish = requeueIntent(transaction, intent);
    if (isOfPerson(wish)) await moveIntent(transaction, wish, winner);
    else deleteIntent(transaction, wish);
  }
  await moveFailed(transaction, { from: loser.id, to: winner });
  await moveDraft({ transaction, memory }, { from: loser.id, to: winner });
  keepMuted({ transaction, memory }, { from: loser.id, to: winner });
  await transaction.deleteGroup({ conversation: loser.id, suite: loser.suite });
  putConversation(transaction, { ...loser, phase: 'removed', replacedBy: winner });
  // This person wanted to write to the other, whoever of the two was first.
  const row = await transaction.get(tables.conversations, winner);
  if (row !== null) {
    const accepted = await acceptRow({ transaction, memory }, row);
    const { waiting } = loser.timer;
    putConversation(
      transaction,
      waiting === null ? accepted : { ...accepted, timer: withWaitingTimer(accepted.timer, waiting) },
    );
  }
  transaction.emit({ type: 'conversation-replaced', data: { from: loser.id, to: winner } });
}

/** Ours that this 1:1, which the server has, makes needless: of two people it has one at most. */
export function losersTo(memory: Memory, winner: ConversationRow): readonly ConversationRow[] {
  return [...memory.conversations.values()].filter((row) => isUnmade(row) && mayReplace(winner, row));
}

function isUnmade({ phase, lostByRestore, cursorSeq, replacedBy }: ConversationRow): boolean {
  return phase === 'creating' || (lostByRestore !== null && cursorSeq === 0 && replacedBy === null);
}

/** What was written to one person is not put before others, nor goes round in circles, because a server says so. */
export function mayReplace(winner: ConversationRow, loser: ConversationRow): boolean {
  const areDirect = winner.kind === 'direct' && loser.kind === 'direct';
  const isSamePerson = winner.peer !== null && winner.peer === loser.peer;
  return areDirect && isSamePerson && winner.id !== loser.id && winner.replacedBy === null;
}

/** What a person asked for; the rest is this client's own care for a group that is gone. */
function isOfPerson({ work }: IntentRow): boolean {
  return work.kind === 'message' || work.kind === 'leave';
}

/** As if it had been written there: the loser's places and counters mean nothing in the winner. */
async function moveIntent(transaction: Transaction, intent: IntentRow, to: ConversationId): Promise<void> {
  const { conversation: from, key } = intent;
  if (intent.work.kind !== 'message') {
    transaction.put(tables.intents, key, { ...intent, conversation: to });
    return;
  }
  const { counter: _, ...work } = intent.work;
  const { message } = work;
  transaction.put(tables.intents, key, { ...intent, conversation: to, work });
  const found = await findMessage({ transaction, conversation: from, message });
  if (found !== null) moveMessage(transaction, { row: found, to, place: placeOfPending(Number(key)) });
}

/** What was never sent has no intent any more, and is still what this person wrote. */
async function moveFailed(
  transaction: Transaction,
  { from, to }: { readonly from: ConversationId; readonly to: ConversationId },
): Promise<void> {
  const rows = await transaction.scan(tables.messages, {
    prefix: keyOf.groupPrefix(from),
    order: 'descending',
    limit: maxFailedMoved,
  });
  for (const { row } of rows)
    if (row.state.kind === 'failed') moveMessage(transaction, { row, to, place: row.place });
}

/** The person wanted silence from whom they write to. */
function keepMuted(
  here: { readonly transaction: Transaction; readonly memory: Memory },
  { from, to }: { readonly from: ConversationId; readonly to: ConversationId },
): void {
  const { notify } = summaryOf(here, from);
  if (notify === 'none') here.transaction.put(tables.summaries, to, { ...summaryOf(here, to), notify });
}

function moveMessage(
  transaction: Transaction,
  { row, to, place }: { readonly row: MessageRow; readonly to: ConversationId; readonly place: string },
): void {
  const { counter: _, ...uncounted } = row;
  putMessage(transaction, { before: row, after: { ...uncounted, conversation: to, place } });
}
