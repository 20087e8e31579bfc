/**
 * Messages as rows: written here and nowhere else, so that one message has one row for good.
 *
 * A message has one place at a time. Ours begin among the pending ones and move into the log when the
 * server's seq is known; the row moves in one write, and its id says where it is now.
 */
import type { ConversationId, MessageId } from '@cipherchat/protocol';
import type { MessageRow, PermanentFailure, ProfileRow } from '../state/rows.js';
import { keyOf, tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';
import { entryParts, isPending, placeInLog } from '../state/places.js';
import type { ConversationRow } from '../state/rows.js';
import type { DeliveryState, Message, MessageBody } from '../views.js';

/** A message for the first time: told as `message`. */
export function addMessage(params: {
  readonly transaction: Transaction;
  readonly row: MessageRow;
  readonly view: MessageView;
}): void {
  const { transaction, row, view } = params;
  putMessage(transaction, row);
  transaction.emit({ type: 'message', data: viewMessage(row, view) });
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
  transaction.emit({ type: 'message-changed', data: viewMessage(moved, view) });
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
  params.transaction.emit({ type: 'message-changed', data: viewMessage(failed, params.view) });
}

/** What a view of a message needs besides its row. */
export type MessageView = { readonly profile: ProfileRow; readonly conversation: ConversationRow };

export function viewMessage(row: MessageRow, view: MessageView): Message {
  const { user, device } = view.profile;
  return {
    id: row.message,
    conversation: row.conversation,
    place: row.place,
    seq: row.seq,
    atMs: row.atMs,
    sender: row.sender,
    own: row.sender?.user === user,
    body: shownBody(row.body),
    replyTo: row.body.kind === 'text' ? (row.body.replyTo ?? null) : null,
    delivery:
      row.sender?.device === device && row.state.kind !== 'received'
        ? deliveryOf(row, view.conversation)
        : null,
  };
}

/** What a text answers stands beside its body. */
function shownBody(body: MessageRow['body']): MessageBody {
  return body.kind === 'text' ? { kind: 'text', text: body.text } : body;
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

function putMessage(transaction: Transaction, row: MessageRow): void {
  transaction.put(tables.messages, keyOf.message(row.conversation, row.place), row);
  transaction.put(tables.messagePlaces, keyOf.messagePlace(row.conversation, row.message), row.place);
}
