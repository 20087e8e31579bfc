/**
 * What is known of other accounts: their highest manifest, the account key seen first, their usernames.
 *
 * Invariants:
 * - The first account key is pinned. Another one raises an alarm, is never taken over by itself, and blocks sending,
 *   until the person has settled it (`account-keys.ts`).
 * - An alarm over what was no manifest of theirs ends with the next that is one; any other only a person ends.
 * - Versions only grow: an older manifest changes nothing, another one of the same version raises an alarm.
 * - The server is not believed: every manifest is verified here, when it comes and when it is read back.
 */
import { receiveManifest, verifyManifest, type VerifiedManifest } from '@cipherchat/crypto';
import { keysRoutes, limits, peopleRoutes, type UserId } from '@cipherchat/protocol';
import type { Api } from '../connection/api.js';
import type { ContactAlarm, ContactRow } from '../state/people-rows.js';
import type { Steps } from '../state/steps.js';
import { tables } from '../state/tables.js';
import { equalBytes } from './equal-bytes.js';
import type { Transaction } from '../state/transaction.js';

type Ports = {
  readonly api: Api;
  readonly steps: Steps;
  /** Another account key than the pinned one was given, in this step: what rests on the pinned one stops. */
  readonly offered: (transaction: Transaction, user: UserId) => Promise<void>;
};
type Received = { readonly user: UserId; readonly bytes: Uint8Array };

const emptyContact = (user: UserId): ContactRow => ({
  user,
  username: null,
  pin: null,
  manifest: null,
  offered: null,
  alarm: null,
  accepted: false,
  verified: null,
  introduction: null,
});

export class Contacts {
  constructor(private readonly ports: Ports) {}

  /** Asks for newer manifests of these users and keeps what is right of the answer. @throws NetworkError, ProblemError */
  async refresh(users: readonly UserId[]): Promise<void> {
    for (const part of parts([...new Set(users)])) {
      const known = await Promise.all(
        part.map(async (user) => ({
          user,
          haveVersion: await versionToAskFrom(this.ports.steps.reader(), user),
        })),
      );
      const { manifests } = await this.ports.api.call(keysRoutes.findManifests, {
        request: { users: known },
      });
      const received = manifests
        .filter(({ user }) => part.includes(user))
        .map(({ user, manifest }) => ({ user, bytes: manifest }));
      if (received.length > 0) await this.store(received);
    }
  }

  /** Usernames, from the store where they are known. Unknown users are left out. */
  async usernames(users: readonly UserId[]): Promise<ReadonlyMap<UserId, string>> {
    const reader = this.ports.steps.reader();
    const names = new Map<UserId, string>();
    for (const user of users) {
      const username = (await reader.get(tables.contacts, user))?.username ?? null;
      if (username !== null) names.set(user, username);
    }
    for (const part of parts(users.filter((user) => !names.has(user)))) {
      const { people } = await this.ports.api.call(peopleRoutes.findUsernames, {
        request: { users: [...part] },
      });
      await this.storeUsernames(people);
      for (const { user, username } of people) names.set(user, username);
    }
    return names;
  }

  /** The user of a username. @throws ProblemError `directory/user-unknown` */
  async findByUsername(username: string): Promise<{ readonly user: UserId; readonly username: string }> {
    const person = await this.ports.api.call(peopleRoutes.findByUsername, { path: { username } });
    await this.storeUsernames([person]);
    return person;
  }

  private async storeUsernames(
    people: ReadonlyArray<{ readonly user: UserId; readonly username: string }>,
  ): Promise<void> {
    if (people.length === 0) return;
    await this.ports.steps.run('keys/store-usernames', async (transaction) => {
      for (const { user, username } of people)
        putContact(transaction, await contactOf(transaction, user), { username });
    });
  }

  private async store(received: readonly Received[]): Promise<void> {
    await this.ports.steps.run('keys/store-manifests', async (transaction) => {
      for (const item of received) {
        const stored = await storeManifest(transaction, item);
        if (stored === 'offered') await this.ports.offered(transaction, item.user);
      }
    });
  }
}

/** Writes what changed of a user, and tells when a view of them is another now. */
export function putContact(transaction: Transaction, before: ContactRow, change: Partial<ContactRow>): void {
  const after: ContactRow = { ...before, ...change };
  transaction.put(tables.contacts, after.user, after);
  const isSame =
    before.username === after.username &&
    before.alarm === after.alarm &&
    before.accepted === after.accepted &&
    isVerified(before) === isVerified(after);
  if (!isSame) transaction.emit({ type: 'person', data: { user: after.user } });
}

/** Compared by this person, with the key that is theirs now; an offered one puts it in question. */
export function isVerified({ verified, pin, offered }: ContactRow): boolean {
  return verified !== null && pin !== null && offered === null && equalBytes(verified, pin);
}

/** What is kept of a user; nothing but the id before anything was. */
export async function contactOf(transaction: Transaction, user: UserId): Promise<ContactRow> {
  return (await transaction.get(tables.contacts, user)) ?? emptyContact(user);
}

/** The highest manifest we hold of a user. */
export async function readManifest(transaction: Transaction, user: UserId): Promise<VerifiedManifest | null> {
  const bytes = (await transaction.get(tables.contacts, user))?.manifest ?? null;
  return bytes === null ? null : verifiedAgain(user, bytes);
}

/** One of another account key than the pinned one, which the server gave and the person has not settled yet. */
export async function readOfferedManifest(
  transaction: Transaction,
  user: UserId,
): Promise<VerifiedManifest | null> {
  const bytes = (await transaction.get(tables.contacts, user))?.offered ?? null;
  return bytes === null ? null : verifiedAgain(user, bytes);
}

/** Verifying costs a millisecond; a check of a large group reads a thousand of them, and most that come are known. */
const maxRemembered = 2_000;
const remembered = new Map<UserId, VerifiedManifest>();

/** Pure but for its memory: the same bytes give the same answer. */
function verifiedAgain(user: UserId, bytes: Uint8Array): VerifiedManifest | null {
  const known = remembered.get(user);
  if (known !== undefined && equalBytes(known.bytes, bytes)) return known;
  const verdict = verifyManifest(bytes);
  if (verdict.kind === 'invalid') return null;
  const oldest = remembered.keys().next();
  if (remembered.size >= maxRemembered && oldest.done !== true) remembered.delete(oldest.value);
  remembered.set(user, verdict.manifest);
  return verdict.manifest;
}

/** `offered`: it is kept beside the known one. */
async function storeManifest(
  transaction: Transaction,
  { user, bytes }: Received,
): Promise<'offered' | 'judged'> {
  const contact = await contactOf(transaction, user);
  const candidate = verifiedAgain(user, bytes);
  if (candidate === null) {
    raiseAlarm(transaction, contact, 'invalid');
    return 'judged';
  }
  const known = (await readManifest(transaction, user)) ?? undefined;
  const receipt = receiveManifest({ user, known, pin: contact.pin ?? undefined, candidate });
  switch (receipt.kind) {
    case 'store':
      putContact(transaction, contact, {
        pin: receipt.pin,
        manifest: receipt.manifest.bytes,
        alarm: alarmAfterGenuine(contact),
      });
      return 'judged';
    case 'keep':
      // An older one is no answer: it may be from before what the server is asked about.
      if (candidate.version === known?.version && alarmAfterGenuine(contact) !== contact.alarm)
        putContact(transaction, contact, { alarm: alarmAfterGenuine(contact) });
      return 'judged';
    case 'alarm':
      if (receipt.reason !== 'account-key-changed') {
        raiseAlarm(transaction, contact, receipt.reason);
        return 'judged';
      }
      offer(transaction, contact, bytes);
      return 'offered';
  }
}

/**
 * What was no manifest of this account says nothing of it, once the server gives one that is: it is over. An account
 * key that is still to be settled it only hid: else a server could end that alarm by answering nonsense.
 */
function alarmAfterGenuine({ alarm, offered }: ContactRow): ContactAlarm | null {
  if (alarm === null || !isOverWhenGenuine(alarm)) return alarm;
  return offered === null ? null : 'account-key-changed';
}

function isOverWhenGenuine(alarm: ContactAlarm): boolean {
  return alarm === 'invalid' || alarm === 'other-user';
}

/** Whoever was given nonsense asks for all of it again, though nothing newer is there. */
async function versionToAskFrom(reader: Transaction, user: UserId): Promise<number> {
  const contact = await contactOf(reader, user);
  if (alarmAfterGenuine(contact) !== contact.alarm) return 0;
  return (await readManifest(reader, user))?.version ?? 0;
}

/** Kept beside the known one: a person compares it before it counts for anything. */
function offer(transaction: Transaction, contact: ContactRow, bytes: Uint8Array): void {
  if (contact.offered !== null && equalBytes(contact.offered, bytes)) return;
  raiseAlarm(transaction, { ...contact, offered: bytes, alarm: null }, 'account-key-changed');
}

function raiseAlarm(transaction: Transaction, contact: ContactRow, reason: ContactAlarm): void {
  if (contact.alarm === reason) return;
  // What the account key itself signed twice stays said: nonsense, which ends by itself, does not take its place.
  if (contact.alarm === 'forked' && isOverWhenGenuine(reason)) return;
  putContact(transaction, contact, { alarm: reason });
  transaction.emit({ type: 'alarm', data: { user: contact.user, device: null, conversation: null, reason } });
}

function parts<T>(items: readonly T[]): readonly (readonly T[])[] {
  const count = Math.ceil(items.length / limits.maxUsersPerQuery);
  return Array.from({ length: count }, (_, index) =>
    items.slice(index * limits.maxUsersPerQuery, (index + 1) * limits.maxUsersPerQuery),
  );
}
