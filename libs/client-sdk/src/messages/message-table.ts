/**
 * Messages as rows: written here and nowhere else, so that one message has one row for good.
 *
 * A message has one place at a time. Ours begin among the pending ones and move into the log when the
 * server's seq is known; the row moves in one write, and its id says where it is now.
 */
import type { ConversationId, MessageId, UserId } from '@cipherchat/protocol';
import type { Memory } from '../state/memory.js';
import type { MessageBody, MessageRow, PermanentFailure, ProfileRow, ShownBody } from '../state/rows.js';
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
  putMessage(transaction, { before: null, after: row });
  transaction.emit({ type: 'message', data: viewMessage(row, view) });
}

/** A message that was told before is another now, at the same place. */
export function changeMessage(
  here: { readonly transaction: Transaction; readonly memory: Memory; readonly row: ConversationRow },
  { before, after }: { readonly before: ShownRow; readonly after: ShownRow },
): void {
  const { transaction, memory } = here;
  putMessage(transaction, { before, after });
  const view = { profile: memory.profile, conversation: here.row };
  transaction.emit({ type: 'message-changed', data: viewMessage(after, view) });
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
  const { transaction, seq, atMs, view } = params;
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
  putMessage(transaction, { before: found, after: moved });
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
  putMessage(params.transaction, { before: found, after: failed });
  if (!isShown(failed)) return;
  params.transaction.emit({ type: 'message-changed', data: viewMessage(failed, params.view) });
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
    case 'told-timer':
    case 'disappeared':
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
    body: shownBody(row, user),
    replyTo: row.body.kind === 'text' ? (row.body.replyTo ?? null) : null,
    edited: edit === null || row.body.kind !== 'text' ? null : { atMs: edit.atMs },
    reactions: reactions.map((reaction) => ({
      emoji: reaction.emoji,
      user: reaction.user,
      own: reaction.user === user,
    })),
    disappearAfterS: row.disappears?.afterS ?? null,
    delivery:
      row.sender?.device === device && row.state.kind !== 'received'
        ? deliveryOf(row, view.conversation)
        : null,
  };
}

export function deliveryOf(
  row: Pick<MessageRow, 'state' | 'seq'>,
  conversation: ConversationRow,
): DeliveryState {
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

/** The newest text, and nothing of what it answers. */
export function shownBody({ body, effects }: ShownRow, self: UserId): MessageBody {
  if (body.kind !== 'text') return body;
  return { kind: 'text', text: shownEffects(effects ?? noEffects, self).edit?.text ?? body.text };
}

/** The one place where rows of messages are written: `before` is the row that it takes the place of, wherever that stands. */
export function putMessage(
  transaction: Transaction,
  { before, after }: { readonly before: MessageRow | null; readonly after: MessageRow },
): void {
  const [from, to] = [before === null ? null : keysOf(before), keysOf(after)];
  if (from !== null && from.row !== to.row) transaction.delete(tables.messages, from.row);
  if (from !== null && from.place !== to.place) transaction.delete(tables.messagePlaces, from.place);
  transaction.put(tables.messages, to.row, after);
  transaction.put(tables.messagePlaces, to.place, after.place);
  transaction.messageChanges.push({ before, after });
}

/** Its id stays known: what comes again is dropped. */
export function removeMessage(transaction: Transaction, before: MessageRow): void {
  const key = keysOf(before).row;
  transaction.delete(tables.messages, key);
  if (before.disappears !== undefined) transaction.delete(tables.expiriesToBegin, key);
  transaction.messageChanges.push({ before, after: null });
}

function keysOf({ conversation, place, message }: MessageRow) {
  return { row: keyOf.message(conversation, place), place: keyOf.messagePlace(conversation, message) };
}
