/**
 * Our own messages that a restore of the server lost are sent again, under their ids and counters: who has them drops
 * them. Once for all when we are back, and once more whenever a device joins anew: it could read neither those nor
 * what we wrote since, in the group that it had to leave behind.
 *
 * Nor could the new device of a person who lost theirs read what was written to the lost one: what none of their
 * devices has stored is sent again, too.
 */
import { jitteredMs } from '../connection/backoff.js';
import type { Clock } from '../ports/clock.js';
import type { Random } from '../ports/random.js';
import { limits, type ConversationId, type UserId } from '@cipherchat/protocol';
import { timerInForce } from '../expiry/timer.js';
import { deletionOf } from '../messages/effect-table.js';
import { findMessage, isShown, putMessage, viewMessage } from '../messages/message-table.js';
import { maxReceipts } from '../messages/receipts.js';
import { addIntent, intentsOf } from '../outbox/intent-table.js';
import type { SentBody } from '../outbox/intents.js';
import type { Memory } from '../state/memory.js';
import type { ConversationRow, MessageRow } from '../state/rows.js';
import { entryParts, placeInLog } from '../state/places.js';
import { keyOf, tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';

/** Several devices may join one after the other: one round for those that do so together. */
const offerJitterMs = 5_000;
const pageRows = 500;
/** To one who joins anew; the newest. More than a person reads up on, and what one step can write. */
const maxOfferedAgain = 1_000;
/** How far back they are looked for, among everybody's. */
const maxLookedAt = 10_000;

type Params = { readonly transaction: Transaction; readonly memory: Memory };

/** What stands between two places, oldest first. */
export async function messagesBetween(
  transaction: Transaction,
  range: {
    readonly conversation: ConversationId;
    readonly afterPlace: string;
    readonly throughPlace: string;
  },
): Promise<readonly MessageRow[]> {
  const { conversation, afterPlace, throughPlace } = range;
  const found: MessageRow[] = [];
  for (let after = keyOf.message(conversation, afterPlace); ;) {
    const rows = await transaction.scan(tables.messages, {
      prefix: keyOf.groupPrefix(conversation),
      after,
      limit: pageRows,
    });
    for (const { row } of rows) if (row.place <= throughPlace) found.push(row);
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageRows || last.row.place > throughPlace) return found;
    after = last.key;
  }
}

export function isOwnSent({ memory }: { readonly memory: Memory }, message: MessageRow): boolean {
  return message.sender?.device === memory.profile.device && message.state.kind === 'sent';
}

/** It waits to be sent, and keeps its place, so that what was read in one order is not shown in another. */
export async function offerAgain(
  params: Params & { readonly clock: Clock },
  { message, row }: { readonly message: MessageRow; readonly row: ConversationRow },
): Promise<void> {
  const { transaction, memory } = params;
  const waiting: MessageRow = { ...message, seq: null, state: { kind: 'queued' } };
  putMessage(transaction, { before: message, after: waiting });
  if (isShown(waiting))
    transaction.emit({
      type: 'message-changed',
      data: viewMessage(waiting, { profile: memory.profile, conversation: row }),
    });
  await addMessageIntent(params, { message, notBeforeMs: 0 });
}

/** A device joined from outside. To us nothing changes by it: for the others the messages were sent. */
export async function offerToJoined(
  params: Params & { readonly clock: Clock; readonly random: Random },
  { row, joined }: { readonly row: ConversationRow; readonly joined: UserId | null },
): Promise<void> {
  const { transaction, memory, clock, random } = params;
  const nowMs = clock.nowMs();
  const { lostByRestore: lost } = row;
  const places = [
    ...(lost === null || nowMs - lost.atMs > limits.resendForMs ? [] : [lost.afterPlace]),
    ...(joined === null || joined === memory.profile.user
      ? []
      : [await placeStoredBy(params, { row, user: joined })]),
  ];
  const [afterPlace] = places.sort();
  if (afterPlace === undefined) return;
  const waiting = new Set(
    intentsOf({ transaction, memory, conversation: row.id }).map(({ work }) =>
      work.kind === 'message' ? work.message : null,
    ),
  );
  const own = (await ownSince(params, { conversation: row.id, afterPlace })).filter(
    ({ atMs, message }) => nowMs - atMs <= limits.resendForMs && !waiting.has(message),
  );
  const notBeforeMs = nowMs + jitteredMs({ baseMs: offerJitterMs, random });
  for (const message of own) await addMessageIntent(params, { message, notBeforeMs });
}

/** Through where some device of the person, though it may be lost by now, has said that it stored the log. */
async function placeStoredBy(
  { transaction }: Params,
  { row, user }: { readonly row: ConversationRow; readonly user: UserId },
): Promise<string> {
  const receipts = await transaction.scan(tables.receipts, {
    prefix: keyOf.groupPrefix(row.id),
    limit: maxReceipts,
  });
  const seqs = receipts.flatMap(({ row: receipt }) => (receipt.user === user ? [receipt.deliveredSeq] : []));
  return placeInLog({ row, seq: Math.max(0, ...seqs), part: entryParts.last });
}

/**
 * This device joined anew: what it wrote in the group that it left for that, who is in this one may not have read. In
 * the order of their numbers, and before what has none yet: a jump would be taken for a loss.
 */
export async function offerFromBehind(
  params: Params & { readonly clock: Clock },
  row: ConversationRow,
): Promise<void> {
  const { transaction, memory, clock } = params;
  const lost = row.lostByRestore;
  if (lost === null || clock.nowMs() - lost.atMs > limits.resendForMs) return;
  const waiting = intentsOf({ transaction, memory, conversation: row.id }).flatMap(
    ({ key, state, work, addedAtMs }) =>
      work.kind === 'message' && state.kind === 'queued' ? [{ key, work, addedAtMs }] : [],
  );
  const waitingIds = new Set(waiting.map(({ work }) => work.message));
  const own = await ownSince(params, { conversation: row.id, afterPlace: lost.afterPlace });
  const behind = own.filter(({ message }) => !waitingIds.has(message));
  if (behind.length === 0) return;
  for (const { key } of waiting) transaction.delete(tables.intents, key);
  const all = [...(await wishesOf(params, behind)), ...waiting];
  const numbered = all.filter(({ work }) => work.counter !== undefined);
  numbered.sort((left, right) => (left.work.counter ?? 0) - (right.work.counter ?? 0));
  const unnumbered = all.filter(({ work }) => work.counter === undefined);
  for (const { work, addedAtMs } of [...numbered, ...unnumbered])
    await addIntent(params, { conversation: row.id, work, addedAtMs });
}

/** The newest of what this device has sent since that place, oldest first. */
async function ownSince(
  params: Params,
  { conversation, afterPlace }: { readonly conversation: ConversationId; readonly afterPlace: string },
): Promise<readonly MessageRow[]> {
  const found: MessageRow[] = [];
  let before: string | undefined;
  for (let looked = 0; looked < maxLookedAt && found.length < maxOfferedAgain; looked += pageRows) {
    const rows = await params.transaction.scan(tables.messages, {
      prefix: keyOf.groupPrefix(conversation),
      limit: pageRows,
      order: 'descending',
      ...(before === undefined ? {} : { after: before }),
    });
    for (const { row } of rows) if (row.place > afterPlace && isOwnSent(params, row)) found.push(row);
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageRows || last.row.place <= afterPlace) break;
    before = last.key;
  }
  return found.slice(0, maxOfferedAgain).reverse();
}

async function addMessageIntent(
  params: Params & { readonly clock: Clock },
  { message, notBeforeMs }: { readonly message: MessageRow; readonly notBeforeMs: number },
): Promise<void> {
  for (const { work, addedAtMs } of await wishesOf(params, [message]))
    await addIntent(params, {
      conversation: message.conversation,
      work,
      // The server's time: where that is ahead of ours, it would look as if our clock had been set back.
      addedAtMs: Math.min(addedAtMs, params.clock.nowMs()),
      notBeforeMs,
    });
}

/** What is to be sent so that whoever lacks these messages has them; nothing for what is no message. */
export async function wishesOf(params: Params, messages: readonly MessageRow[]) {
  const wishes = [];
  for (const row of messages) {
    const { message, counter, atMs, disappears } = row;
    const body = await contentOf(params, row);
    if (body === null) continue;
    const work = {
      kind: 'message' as const,
      message,
      body,
      ...(counter === undefined ? {} : { counter }),
      ...(disappears === undefined ? {} : { disappearAfterS: disappears.afterS }),
    };
    wishes.push({ work, addedAtMs: atMs });
  }
  return wishes;
}

/** Under its id and number stands what is left of it: who never had the message must not take that for a loss. */
async function contentOf(params: Params, row: MessageRow): Promise<SentBody | null> {
  const { body, message, conversation } = row;
  switch (body.kind) {
    case 'gap':
    case 'membership':
    case 'devices':
      return null;
    case 'told-name': {
      const name = (await params.transaction.get(tables.conversations, conversation))?.name ?? '';
      return { kind: 'group-profile', name };
    }
    // As it is now: who has none of the changes takes this for the last. One that failed is nobody's yet.
    case 'timer': {
      if (row.state.kind === 'failed') return body;
      const known = await params.transaction.get(tables.conversations, conversation);
      return { ...body, disappearAfterS: known === null ? null : timerInForce(known.timer) };
    }
    case 'own-profile':
    case 'told-timer':
      return { kind: body.kind };
    case 'disappeared':
    case 'deleted':
      return deletionOf(message);
    case 'edit': {
      const { target } = body;
      const found = await findMessage({ ...params, conversation, message: target });
      if (found?.body.kind !== 'text') return deletionOf(found === null ? message : target);
      return { kind: 'edit', target, text: found.effects?.edits[0]?.text ?? found.body.text };
    }
    default:
      return body;
  }
}
