/**
 * What people say of themselves: a name and a picture, encrypted for the members of their conversations.
 *
 * Invariants:
 * - Of each person the profile of the highest revision counts, whatever way and in which order it came; whose it is says
 *   the signature of the message that carried it.
 * - Ours is due in an accepted conversation whose members do not all have its newest revision; that is a fact of the
 *   stored rows, so that no crash and no lost connection forgets it. What is sent is the profile as it is when it is encrypted.
 * - Nobody gets it by having written to us: only accepted conversations are given it.
 */
import {
  maxPictureBytes,
  maxProfileNameBytes,
  pictureType,
  type PersonBody,
  type PictureType,
  type UserId,
} from '@cipherchat/protocol';
import { CallRefusedError } from '../call-refused.js';
import { jitteredMs } from '../connection/backoff.js';
import { writeHidden } from '../messages/write-hidden.js';
import { intentsOf, maxIntents } from '../outbox/intent-table.js';
import type { Clock } from '../ports/clock.js';
import type { Random } from '../ports/random.js';
import type { Memory } from '../state/memory.js';
import type { PersonProfileRow } from '../state/people-rows.js';
import type { ConversationRow } from '../state/rows.js';
import type { Steps } from '../state/steps.js';
import { tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';

/** In larger groups a profile goes with what a person writes next: a newcomer would call forth all at once. */
const maxUsersGivenAtOnce = 32;
/** All members give theirs to whoever joins. */
const giveJitterMs = 3_000;

/** A picture, and what it is by its first bytes: to be shown as that, and as nothing else. */
export type Picture = { readonly type: PictureType; readonly bytes: Uint8Array };
/** What a person says of themselves; `null` where they say nothing. */
export type Profile = { readonly name: string | null; readonly picture: Picture | null };

type GivePorts = {
  readonly steps: Steps;
  readonly memory: Memory;
  readonly clock: Clock;
  readonly random: Random;
  readonly isLive: () => boolean;
};

/** Another one of this account: all conversations are told that are accepted, now or when there is a connection. */
export async function setProfile(
  ports: Pick<GivePorts, 'steps' | 'memory' | 'clock'>,
  profile: { readonly name: string | null; readonly picture: Uint8Array | null },
): Promise<void> {
  const { steps, memory, clock } = ports;
  const name = (profile.name ?? '').toWellFormed().trim();
  const picture = profile.picture ?? new Uint8Array(0);
  if (new TextEncoder().encode(name).length > maxProfileNameBytes)
    throw new CallRefusedError('text-too-long');
  if (profile.picture !== null && pictureType(picture) === null) throw new CallRefusedError('not-a-picture');
  await steps.run('people/set-profile', (transaction) =>
    changeOwnProfile({ transaction, memory, nowMs: clock.nowMs() }, { name, picture }),
  );
}

/** Where it changes something. The rest stays as it is. */
export async function changeOwnProfile(
  {
    transaction,
    memory,
    nowMs,
  }: { readonly transaction: Transaction; readonly memory: Memory; readonly nowMs: number },
  changes: Partial<Pick<PersonProfileRow, 'name' | 'picture' | 'presence'>>,
): Promise<void> {
  const { user } = memory.profile;
  const known = (await transaction.get(tables.profiles, user)) ?? {
    user,
    revision: 0,
    presence: 'kept' as const,
    name: '',
    picture: new Uint8Array(0),
  };
  const changed = { ...known, ...changes };
  const isSame =
    changed.name === known.name &&
    changed.presence === known.presence &&
    equal(changed.picture, known.picture);
  if (isSame) return;
  // A device that has lost its store begins behind none of the revisions that others hold, as far as its clock goes right.
  putProfile(transaction, { ...changed, revision: Math.max(nowMs, known.revision + 1) });
}

/** What somebody sent of themselves; `user` as the signature says. */
export async function receiveProfile(
  transaction: Transaction,
  user: UserId,
  { revision, presence, name, picture }: Extract<PersonBody, { readonly kind: 'profile' }>,
): Promise<void> {
  const known = await transaction.get(tables.profiles, user);
  if (known !== null && known.revision >= revision) return;
  const shown = pictureType(picture) === null ? new Uint8Array(0) : picture;
  if (presence === 'kept') transaction.delete(tables.lastSeen, user);
  putProfile(transaction, { user, revision, presence, name, picture: shown });
}

function putProfile(transaction: Transaction, row: PersonProfileRow): void {
  transaction.put(tables.profiles, row.user, row);
  transaction.emit({ type: 'person', data: { user: row.user } });
}

export function viewProfile(row: PersonProfileRow | null): Profile {
  const type = row === null ? null : pictureType(row.picture);
  return {
    name: row === null || row.name === '' ? null : row.name,
    picture: row === null || type === null ? null : { type, bytes: row.picture },
  };
}

/** Conversations whose members do not all have ours. */
export function conversationsToGive({ conversations, ownProfile }: Memory): readonly ConversationRow[] {
  return [...conversations.values()].filter((row) => isProfileDue(row, ownProfile));
}

function isProfileDue(row: ConversationRow, own: PersonProfileRow | null): boolean {
  const isOpen = row.standing === 'accepted' && row.phase === 'active' && row.keyChanged.length === 0;
  return isOpen && own !== null && own.revision > row.givenProfile;
}

/** Where a conversation has nothing else to do; whether there is now. */
export async function planProfile(ports: GivePorts, row: ConversationRow): Promise<boolean> {
  const { steps, memory, clock, random, isLive } = ports;
  if (!isLive() || !isProfileDue(row, memory.ownProfile)) return false;
  return steps.run('people/give-profile', async (transaction) => {
    const members = (await transaction.get(tables.rosters, row.id))?.members ?? [];
    if (new Set(members.map(({ user }) => user)).size > maxUsersGivenAtOnce) return false;
    const nowMs = clock.nowMs();
    const waitMs = row.kind === 'group' ? jitteredMs({ baseMs: giveJitterMs, random }) : 0;
    const params = { conversation: row.id, random, nowMs, notBeforeMs: nowMs + waitMs };
    return giveProfile({ transaction, memory }, params);
  });
}

/** Behind all that waits to be sent, where it is due and does not wait already. */
export async function giveProfile(
  { transaction, memory }: { readonly transaction: Transaction; readonly memory: Memory },
  params: {
    readonly conversation: ConversationRow['id'];
    readonly random: Random;
    readonly nowMs: number;
    readonly notBeforeMs: number;
  },
): Promise<boolean> {
  const { conversation, random, nowMs, notBeforeMs } = params;
  const row = await transaction.get(tables.conversations, conversation);
  if (row === null || !isProfileDue(row, memory.ownProfile)) return false;
  const waits = intentsOf({ transaction, memory, conversation }).some(
    ({ work }) => work.kind === 'message' && work.body.kind === 'own-profile',
  );
  if (waits || memory.intents.size >= maxIntents) return false;
  await writeHidden(
    { transaction, memory },
    {
      conversation,
      body: { kind: 'own-profile' },
      kept: { kind: 'own-profile', revision: 0 },
      random,
      nowMs,
      notBeforeMs,
    },
  );
  return true;
}

/** The longest picture of a profile, in bytes, and the longest name, in bytes of UTF-8. */
export { maxPictureBytes, maxProfileNameBytes };

function equal(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}
