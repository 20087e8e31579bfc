/**
 * Messages as rows: written here and nowhere else, so that one message has one row for good.
 *
 * A message has one place at a time. Ours begin among the pending ones and move into the log when the
 * server's seq is known; the row moves in one write, and its id says where it is now.
 */
import type { ConversationId, MessageId } from '@cipherchat/protocol';
import type { Memory } from '../state/memory.js';
import type { MessageRow, PermanentFailure, ProfileRow, ShownBody } from '../state/rows.js';
import { keyOf, tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';
import { entryParts, isPending, placeInLog } from '../state/places.js';
import type { ConversationRow } from '../state/rows.js';
import type { DeliveryState, Message } from '../views.js';
import { noEffects, shownEffects } from './effects.js';

/** A message for the first time: told as `message`. */
export function addMessage(params: {
  readonly transaction: Transaction;
  readonly row: ShownRow;
  readonly view: MessageView;
}): void {
  const { transaction, row, view } = params;
  putMessage(transaction, row);
  transaction.emit({ type: 'message', data: viewMessage(row, view) });
}

/** A message that was told before is another now, at the same place. */
export function changeMessage(
  here: { readonly transaction: Transaction; readonly memory: Memory; readonly row: ConversationRow },
  row: ShownRow,
): void {
  const { transaction, memory } = here;
  putMessage(transaction, row);
  const view = { profile: memory.profile, conversation: here.row };
  transaction.emit({ type: 'message-changed', data: viewMessage(row, view) });
}

/** Whether this conversation holds the message already. */
export async function hasMessage(params: {
  readonly transaction: Transaction;
  readonly conversation: ConversationId;
  readonly message: MessageId;
}): Promise<boolean> {
  return (
    (await params.transaction.get(
      tables.messagePlaces,
      keyOf.messagePlace(params.conversation, params.message),
    )) !== null
  );
}

export async function findMessage(params: {
  readonly transaction: Transaction;
  readonly conversation: ConversationId;
  readonly message: MessageId;
}): Promise<MessageRow | null> {
  const { transaction, conversation, message } = params;
  const place = await transaction.get(tables.messagePlaces, keyOf.messagePlace(conversation, message));
  return place === null ? null : transaction.get(tables.messages, keyOf.message(conversation, place));
}

/** Our message stands in the log at `seq`; `known` when that is no news. `counter` is the one of a message that has none yet. */
export async function markMessageSent(params: {
  readonly transaction: Transaction;
  readonly conversation: ConversationId;
  readonly message: MessageId;
  readonly seq: number;
  readonly atMs: number;
  readonly counter: number;
  readonly view: MessageView;
}): Promise<'known' | 'sent' | 'sent-again'> {
  const { transaction, conversation, seq, atMs, view } = params;
  const found = await findMessage(params);
  if (found === null || found.state.kind === 'sent') return 'known';
  const moved: MessageRow = {
    ...found,
    seq,
    counter: found.counter ?? params.counter,
    // One that was sent before, and again after a restore of the server, stays where and when it was.
    ...(isPending(found.place)
      ? { atMs, place: placeInLog({ row: view.conversation, seq, part: entryParts.message }) }
      : {}),
    state: { kind: 'sent' },
  };
  transaction.delete(tables.messages, keyOf.message(conversation, found.place));
  putMessage(transaction, moved);
  if (isShown(moved)) transaction.emit({ type: 'message-changed', data: viewMessage(moved, view) });
  return found.counter === undefined ? 'sent' : 'sent-again';
}

export async function markMessageFailed(params: {
  readonly transaction: Transaction;
  readonly conversation: ConversationId;
  readonly message: MessageId;
  readonly failure: PermanentFailure;
  readonly view: MessageView;
}): Promise<void> {
  const found = await findMessage(params);
  if (found === null || found.state.kind === 'sent') return;
  const failed: MessageRow = { ...found, state: { kind: 'failed', failure: params.failure } };
  putMessage(params.transaction, failed);
  if (!isShown(failed)) return;
  params.transaction.emit({ type: 'message-changed', data: viewMessage(failed, params.view) });
}

/** The last `limit` before a place, oldest first; what is hidden among them is passed over. */
export async function shownBefore(
  reader: Pick<Transaction, 'scan'>,
  params: { readonly conversation: ConversationId; readonly limit: number; readonly before?: string },
): Promise<readonly ShownRow[]> {
  const { conversation, limit } = params;
  const found: ShownRow[] = [];
  let after = params.before === undefined ? undefined : keyOf.message(conversation, params.before);
  for (;;) {
    const rows = await reader.scan(tables.messages, {
      prefix: keyOf.groupPrefix(conversation),
      limit,
      order: 'descending',
      ...(after === undefined ? {} : { after }),
    });
    for (const { row } of rows) if (isShown(row) && found.length < limit) found.push(row);
    if (found.length === limit || rows.length < limit) return found.reverse();
    after = rows.at(-1)?.key;
  }
}

/** What a view of a message needs besides its row. */
export type MessageView = { readonly profile: ProfileRow; readonly conversation: ConversationRow };

/** One that stands in the conversation, for a person to see. */
export type ShownRow = Omit<MessageRow, 'body'> & { readonly body: ShownBody };

export function isShown(row: MessageRow): row is ShownRow {
  switch (row.body.kind) {
    case 'reaction':
    case 'edit':
    case 'deletion':
    case 'own-profile':
    case 'introduction':
    case 'left':
    case 'told-name':
      return false;
    default:
      return true;
  }
}

export function viewMessage(row: ShownRow, view: MessageView): Message {
  const { user, device } = view.profile;
  const { edit, reactions } = shownEffects(row.effects ?? noEffects, user);
  return {
    id: row.message,
    conversation: row.conversation,
    place: row.place,
    seq: row.seq,
    atMs: row.atMs,
    sender: row.sender,
    own: row.sender?.user === user,
    body: row.body.kind === 'text' ? { kind: 'text', text: edit?.text ?? row.body.text } : row.body,
    replyTo: row.body.kind === 'text' ? (row.body.replyTo ?? null) : null,
    edited: edit === null || row.body.kind !== 'text' ? null : { atMs: edit.atMs },
    reactions: reactions.map((reaction) => ({
      emoji: reaction.emoji,
      user: reaction.user,
      own: reaction.user === user,
    })),
    delivery:
      row.sender?.device === device && row.state.kind !== 'received'
        ? deliveryOf(row, view.conversation)
        : null,
  };
}

function deliveryOf(row: MessageRow, conversation: ConversationRow): DeliveryState {
  switch (row.state.kind) {
    case 'queued':
    case 'received':
      return { kind: 'queued' };
    case 'failed':
      return { kind: 'failed', failure: row.state.failure };
    case 'sent':
      if (row.seq !== null && row.seq <= conversation.othersReadSeq) return { kind: 'read' };
      return row.seq !== null && row.seq <= conversation.othersDeliveredSeq
        ? { kind: 'delivered' }
        : { kind: 'sent' };
  }
}

export function putMessage(transaction: Transaction, row: MessageRow): void {
  transaction.put(tables.messages, keyOf.message(row.conversation, row.place), row);
  transaction.put(tables.messagePlaces, keyOf.messagePlace(row.conversation, row.message), row.place);
}
