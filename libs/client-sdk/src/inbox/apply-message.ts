/**
 * An application message of another device: decrypt, check who sent it, keep it.
 *
 * Whatever is wrong with it, the cursor moves on and a mark stays, with one exception: while the sender's
 * manifest was not read yet, nothing is applied, since a leaf without a manifest may be anybody's.
 */
import { unpad, type MlsFailure } from '@cipherchat/crypto';
import {
  decodeContent,
  MalformedError,
  type Content,
  type DeviceId,
  type EffectBody,
  type UserId,
} from '@cipherchat/protocol';
import { expectReading } from '../expiry/begin-expiry.js';
import { guessed, heard } from '../expiry/timer.js';
import { applyEffect, meetEarlyEffects } from '../messages/effect-table.js';
import { addMessage, hasMessage, type ShownRow } from '../messages/message-table.js';
import { withName } from '../conversations/group-name.js';
import { isBlocked } from '../people/blocks.js';
import type { Memory } from '../state/memory.js';
import { entryParts, placeInLog } from '../state/places.js';
import type { GapReason } from '../state/gap-reason.js';
import type { ConversationRow, RosterMember } from '../state/rows.js';
import { keyOf, tables } from '../state/tables.js';
import { applyPersonBody } from '../people/person-body.js';
import { rowOfReceiving } from '../people/standing.js';
import { awaitsOwnAnchor } from '../restore/own-anchor.js';
import { applied, isFirstLook, type Applied, type Applying } from './context.js';
import { markGap } from './gap-mark.js';
import { beginRejoin } from './rejoin.js';

export async function applyMessage(applying: Applying, row: ConversationRow): Promise<Applied> {
  const { transaction, conversation, engine, entry } = applying;
  if (row.phase === 'joining') return applied({ ...row, skippedEntries: row.skippedEntries + 1 });
  const group = await transaction.group({ conversation, suite: row.suite });
  if (group === null) return applied(await withoutGroup(applying, row));
  const result = engine.decrypt({ state: group, ciphertext: entry.ciphertext });
  if (result.kind === 'failure') return failed(applying, row, result);
  const roster = await transaction.get(tables.rosters, conversation);
  const member = roster?.members.find(
    ({ leafIndex, device }) => leafIndex === result.sender.leafIndex && device === result.sender.device,
  );
  if (member?.check === 'unchecked') return { kind: 'needs-leaf-check' };
  transaction.putGroup(result);
  const healthy = { ...row, failuresInRow: 0 };
  if (member?.check !== 'genuine') return lost(applying, healthy, 'sender-not-verified');
  const content = readContent(result.plaintext);
  if (content === null) return lost(applying, healthy, 'malformed', member);
  return keep(applying, healthy, { member, content });
}

async function keep(
  applying: Applying,
  known: ConversationRow,
  received: { readonly member: RosterMember; readonly content: Content },
): Promise<Applied> {
  const { transaction, conversation, entry, memory } = applying;
  const { member, content } = received;
  const { body, disappearAfterS } = content;
  const nowMs = applying.clock.nowMs();
  // Offered again after a restore of the server: we have it.
  if (await hasMessage({ transaction, conversation, message: content.message })) return applied(known);
  await countMessage(applying, known, received);
  const place = placeInLog({ row: known, seq: entry.seq, part: entryParts.message });
  const row = await rowOfReceiving(applying, known, { from: member.user, body });
  if (row === null || hasDisappeared(content)) {
    transaction.put(tables.messagePlaces, keyOf.messagePlace(conversation, content.message), place);
    return applied(row ?? known);
  }
  if (isEffect(content)) {
    const here = { transaction, memory, row };
    transaction.put(tables.messagePlaces, keyOf.messagePlace(conversation, content.message), place);
    const effect = { user: member.user, body: content.body, place, atMs: entry.atMs };
    await applyEffect(here, { effect, disappearAfterS, nowMs });
    return applied(row);
  }
  if (body.kind === 'group-profile' && body.name === row.name) {
    // Said once more to somebody who was added.
    transaction.put(tables.messagePlaces, keyOf.messagePlace(conversation, content.message), place);
    return applied({ ...row, ...withName(row, { name: body.name, place }) });
  }
  if (body.kind === 'profile' || body.kind === 'introduction' || body.kind === 'left') {
    transaction.put(tables.messagePlaces, keyOf.messagePlace(conversation, content.message), place);
    return applied(await applyPersonBody(applying, row, { user: member.user, body }));
  }
  const { timer, isNews } = timerAfter(row, { content, place });
  if (!isNews) {
    transaction.put(tables.messagePlaces, keyOf.messagePlace(conversation, content.message), place);
    return applied({ ...row, timer });
  }
  const next: ConversationRow = {
    ...row,
    ...(body.kind === 'group-profile' ? withName(row, { name: body.name, place }) : {}),
    timer,
    lastActivityMs: entry.atMs,
  };
  const message: ShownRow = {
    message: content.message,
    conversation,
    place,
    seq: entry.seq,
    atMs: entry.atMs,
    sender: { user: member.user, device: member.device },
    body: 'target' in body ? { kind: 'deleted' } : body,
    ...(disappearAfterS === undefined ? {} : { disappears: { afterS: disappearAfterS } }),
    state: { kind: 'received' },
  };
  const met = await meetEarlyEffects({ transaction, memory, row: next }, message, member.user);
  const counts = met.body.kind === 'text' && isForReading(memory, member.user);
  const shown: ShownRow = counts ? { ...met, unread: true } : met;
  addMessage({ transaction, row: shown, view: { profile: memory.profile, conversation: next } });
  expectReading({ transaction, memory }, { row: shown, nowMs });
  return applied(next);
}

function timerAfter(
  { timer }: ConversationRow,
  { content, place }: { readonly content: Content; readonly place: string },
) {
  const { body, disappearAfterS } = content;
  if (body.kind === 'timer') return heard(timer, { body, place });
  return { timer: body.kind === 'text' ? guessed(timer, disappearAfterS ?? null) : timer, isNews: true };
}

/** It was offered again to who never had it, and its author has it no more. */
function hasDisappeared({ message, body, disappearAfterS }: Content): boolean {
  return body.kind === 'deletion' && body.target === message && disappearAfterS !== undefined;
}

function isForReading(memory: Memory, author: UserId): boolean {
  return author !== memory.profile.user && !isBlocked(memory, author);
}

type EffectContent = Content & { readonly body: EffectBody };

/** But for one that deletes itself: it stands where the message would. */
function isEffect(content: Content): content is EffectContent {
  const { message, body } = content;
  return 'target' in body && !(body.kind === 'deletion' && body.target === message);
}

/** A jump in a device's counter says that messages of it never came. The first one seen says nothing: we may have joined later. */
async function countMessage(
  applying: Applying,
  row: ConversationRow,
  received: { readonly member: RosterMember; readonly content: Content },
): Promise<void> {
  const { transaction, conversation } = applying;
  const { member, content } = received;
  const key = keyOf.counter(conversation, member.device);
  const last = await transaction.get(tables.counters, key);
  const missing = last === null ? 0 : content.counter - last - 1;
  if (missing > 0) markGap(applying, { row, reason: 'messages-missing', count: missing, sender: member });
  if (last === null || content.counter > last) transaction.put(tables.counters, key, content.counter);
}

/** The group state is gone (a damaged store): what comes until this device has joined anew is counted, not read. */
async function withoutGroup(applying: Applying, row: ConversationRow): Promise<ConversationRow> {
  const counted = { ...row, skippedEntries: row.skippedEntries + 1 };
  return row.phase === 'active' ? beginRejoin(applying, counted) : counted;
}

async function failed(applying: Applying, row: ConversationRow, failure: MlsFailure): Promise<Applied> {
  const reason = gapReasonOf(failure.code);
  // A replay is no loss: what it repeats was read when it came first.
  if (reason === null) return applied(row);
  if (row.phase === 'rejoining' || row.phase === 'removed' || awaitsOwnAnchor(applying))
    return applied({ ...row, skippedEntries: row.skippedEntries + 1 });
  if (isFirstLook(applying)) return { kind: 'needs-refetch' };
  markGap(applying, { row, reason, count: 1 });
  // Anybody can make what looks like our own and is not: it says nothing about our state.
  if (reason === 'own-lost') return applied(row);
  return applied(doubtState(applying, { ...row, failuresInRow: row.failuresInRow + 1 }));
}

/** One message may be a member's mistake or malice; this many in a row may mean that our own state is off. The others can tell. */
const doubtAfterFailures = 3;

function doubtState(applying: Applying, row: ConversationRow): ConversationRow {
  if (row.phase === 'active' && row.failuresInRow >= doubtAfterFailures)
    applying.transaction.after(() => applying.stateDoubted(applying.conversation));
  return row;
}

function lost(
  applying: Applying,
  row: ConversationRow,
  reason: GapReason,
  sender?: { readonly user: UserId; readonly device: DeviceId },
): Applied {
  markGap(applying, {
    row,
    reason,
    count: 1,
    ...(sender === undefined ? {} : { sender: { user: sender.user, device: sender.device } }),
  });
  return applied(row);
}

function readContent(plaintext: Uint8Array): Content | null {
  const unpadded = unpad(plaintext);
  if (unpadded.kind === 'malformed') return null;
  try {
    return decodeContent(unpadded.content);
  } catch (error) {
    if (error instanceof MalformedError) return null;
    throw error;
  }
}

function gapReasonOf(code: MlsFailure['code']): GapReason | null {
  switch (code) {
    case 'replayed':
      return null;
    case 'own-message':
      return 'own-lost';
    case 'wrong-epoch':
    case 'too-far-ahead':
    case 'not-a-member':
    case 'no-key-package':
      return 'keys-gone';
    case 'malformed':
    case 'wrong-group':
    case 'not-authentic':
    case 'invalid-commit':
    case 'invalid-key-package':
    case 'unsupported-suite':
    case 'pending-commit':
    case 'no-pending-commit':
    case 'engine-lost':
      return 'not-authentic';
  }
}
