/**
 * Effects as they change rows, within one step. Who sent an effect is what MLS says, never what is written in it: an edit
 * or a deletion by anybody but the author of its target is ignored, without a mark.
 *
 * Of effects in the log only ours have rows of their own, hidden, to be sent again after a restore of the server. Others'
 * leave their id, so that each counts once, and what they changed.
 */
import type { EffectBody, MessageId, UserId } from '@cipherchat/protocol';
import { beginExpiry, count } from '../expiry/begin-expiry.js';
import { intentsOf } from '../outbox/intent-table.js';
import type { IntentRow } from '../outbox/intents.js';
import type { Memory } from '../state/memory.js';
import type { ConversationRow, MessageRow } from '../state/rows.js';
import { keyOf, tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';
import {
  noEffects,
  ofAuthor,
  withLogged,
  withoutWaiting,
  type EarlyEffects,
  type LoggedEffect,
} from './effects.js';
import { changeMessage, findMessage, isShown, type ShownRow } from './message-table.js';

type Here = {
  readonly transaction: Transaction;
  readonly memory: Memory;
  readonly row: ConversationRow;
};

/** An effect that came, and how long its target stays, as who sent it says. */
type Arrived = {
  readonly effect: LoggedEffect;
  readonly disappearAfterS: number | undefined;
  readonly nowMs: number;
};

/** Of another device. Its id must be known as a message's already, so that none is taken for its own target. */
export async function applyEffect(here: Here, arrived: Arrived): Promise<void> {
  const { transaction, row } = here;
  const { effect } = arrived;
  const { target } = effect.body;
  const key = keyOf.messagePlace(row.id, target);
  if ((await transaction.get(tables.messagePlaces, key)) === null) {
    const early = (await transaction.get(tables.earlyEffects, key)) ?? noEffects;
    transaction.put(tables.earlyEffects, key, withEarly(here, early, arrived));
    return;
  }
  const found = await findMessage({ transaction, conversation: row.id, message: target });
  if (found !== null && isShown(found)) changeByEffect(here, found, effect);
}

/** Who never gets the message is not to keep for good what was done to it. */
function withEarly(
  here: Here,
  early: EarlyEffects,
  { effect, disappearAfterS: afterS, nowMs }: Arrived,
): EarlyEffects {
  const next = withLogged(early, effect);
  if (early.dueMs !== undefined) return { ...next, dueMs: early.dueMs };
  if (afterS === undefined) return next;
  const counted = { conversation: here.row.id, message: effect.body.target, afterS, nowMs };
  return { ...next, dueMs: count(here, counted) };
}

function changeByEffect(here: Here, target: ShownRow, effect: LoggedEffect): void {
  if (!mayChange(target, effect)) return;
  if (effect.body.kind === 'deletion') return deleteMessage(here, target);
  const before = target.effects ?? noEffects;
  const effects = withLogged(before, effect);
  if (effects !== before) changeMessage(here, { before: target, after: { ...target, effects } });
}

/** A mark is nobody's, and what is deleted stays so. */
function mayChange({ body, sender }: ShownRow, effect: LoggedEffect): boolean {
  switch (effect.body.kind) {
    case 'reaction':
      return body.kind === 'text' || body.kind === 'unsupported';
    case 'edit':
      return body.kind === 'text' && sender?.user === effect.user;
    case 'deletion':
      return (body.kind === 'text' || body.kind === 'unsupported') && sender?.user === effect.user;
  }
}

/** What was done to a message before it came, and what is left of the message then. */
export async function meetEarlyEffects(
  { transaction, row }: Here,
  message: ShownRow,
  author: UserId,
): Promise<ShownRow> {
  const key = keyOf.messagePlace(row.id, message.message);
  const early = await transaction.get(tables.earlyEffects, key);
  if (early === null) return message;
  transaction.delete(tables.earlyEffects, key);
  if (message.body.kind !== 'text' && message.body.kind !== 'unsupported') return message;
  const isDeletion = early.deletedBy.includes(author);
  if (isDeletion) return { ...message, body: { kind: 'deleted' } };
  return { ...message, effects: ofAuthor(early, author) };
}

/** Its text goes from this device: from its row, with its edits and reactions, and from what waits to be sent. */
export function deleteMessage(here: Here, target: ShownRow): void {
  const { transaction, memory, row } = here;
  const { effects: _, unread: __, ...bare } = target;
  changeMessage(here, { before: target, after: { ...bare, body: { kind: 'deleted' } } });
  for (const intent of intentsOf({ transaction, memory, conversation: row.id }))
    if (holdsTextOf(intent, target.message))
      transaction.put(tables.intents, intent.key, {
        ...intent,
        work: { ...intent.work, body: deletionOf(target.message) },
      });
}

type MessageIntent = IntentRow & { readonly work: Extract<IntentRow['work'], { readonly kind: 'message' }> };

function holdsTextOf(intent: IntentRow, message: MessageId): intent is MessageIntent {
  const { work } = intent;
  if (work.kind !== 'message') return false;
  return work.message === message || (work.body.kind === 'edit' && work.body.target === message);
}

export function deletionOf(target: MessageId): EffectBody {
  return { kind: 'deletion', target };
}

/** Ours is in the log now. Sent again after a restore of the server it was there before, and does not wait. */
export async function ownEffectSent(
  here: Here,
  { sent, nowMs }: { readonly sent: MessageRow; readonly nowMs: number },
): Promise<void> {
  const target = await targetOf(here, sent);
  const { user } = here.memory.profile;
  const dueMs = target?.disappears?.dueMs;
  beginExpiry(here, { row: sent, nowMs, ...(dueMs === undefined ? {} : { dueMs }) });
  // It stayed behind in a 1:1 that another took the place of, and may be offered again there.
  if (target === null && sent.body.kind === 'reaction') {
    const { body, place, atMs, disappears } = sent;
    const disappearAfterS = disappears?.afterS;
    await applyEffect(here, { effect: { user, body, place, atMs }, disappearAfterS, nowMs });
  }
  const waiting = target?.effects?.waiting.find(({ effect }) => effect === sent.message);
  if (target?.effects === undefined || waiting === undefined) return;
  const logged = { user, body: waiting.body, place: sent.place, atMs: sent.atMs };
  const effects = withLogged(withoutWaiting(target.effects, sent.message), logged);
  changeMessage(here, { before: target, after: { ...target, effects } });
}

/** It will never be sent: shown is what the others see. A deletion stays: its text is gone. */
export async function ownEffectFailed(here: Here, failed: MessageRow): Promise<void> {
  const target = await targetOf(here, failed);
  if (target?.effects === undefined) return;
  const effects = withoutWaiting(target.effects, failed.message);
  changeMessage(here, { before: target, after: { ...target, effects } });
}

async function targetOf({ transaction, row }: Here, { body }: MessageRow): Promise<ShownRow | null> {
  if (!('target' in body)) return null;
  const found = await findMessage({ transaction, conversation: row.id, message: body.target });
  return found !== null && isShown(found) ? found : null;
}
