/**
 * A person's account key: comparing it, and what happens when the server names another one.
 *
 * Only the person of this device can tell why it changed: the other has begun anew, or somebody stands between. Until
 * they say so, by the safety number that they compared, nothing is encrypted for that person.
 */
import { compareSafetyCode, safetyCode, safetyNumber, type Person } from '@cipherchat/crypto';
import type { UserId } from '@cipherchat/protocol';
import type { ProfileRow } from '../state/rows.js';
import { tables } from '../state/tables.js';
import { contactOf, putContact, readOfferedManifest } from './contacts.js';
import { judgeLeavesOf, type LeafCheckPorts } from './leaf-check.js';

/** Two numbers to compare with a person, so that no server stands between: digits to read aloud, and a text for a QR code. */
export type SafetyNumber = { readonly digits: string; readonly code: string };

/** Nobody has this user id, or the server says nothing that verifies about them. */
export class NoSuchUserError extends Error {
  override readonly name = 'NoSuchUserError';
  constructor() {
    super('there is no such user');
  }
}

/** What was compared is the safety number of neither account key: nothing was changed. */
export class SafetyNumberDiffersError extends Error {
  override readonly name = 'SafetyNumberDiffersError';
  constructor() {
    super('this is not the safety number with that person');
  }
}

/** `offered`: with another account key that the server has named since; `null` when it has named none. */
export type SafetyNumbers = { readonly known: SafetyNumber; readonly offered: SafetyNumber | null };

/** @throws NoSuchUserError; NetworkError, ProblemError when their key was never seen and cannot be fetched */
export async function safetyNumbers(ports: LeafCheckPorts, user: UserId): Promise<SafetyNumbers> {
  const { steps, memory, contacts } = ports;
  const reader = steps.reader();
  if ((await reader.get(tables.contacts, user))?.pin == null) await contacts.refresh([user]);
  const pin = (await reader.get(tables.contacts, user))?.pin ?? null;
  if (pin === null) throw new NoSuchUserError();
  const offered = await readOfferedManifest(reader, user);
  return {
    known: numberWith(memory.profile, { user, accountKey: pin }),
    offered: offered === null ? null : numberWith(memory.profile, offered),
  };
}

/**
 * Decides by the digits that were compared. Of the offered key: it is the person's from now on, and devices that it does
 * not name are removed. Of the known one: that stays. In both cases one step, and sending goes on.
 * @throws SafetyNumberDiffersError
 */
export async function settleAccountKey(
  ports: LeafCheckPorts,
  params: { readonly user: UserId; readonly digits: string },
): Promise<'known' | 'offered'> {
  const { user } = params;
  const profile = ports.memory.profile;
  const digits = spaced(params.digits);
  return ports.steps.run('keys/store-manifests', async (transaction) => {
    const contact = await transaction.get(tables.contacts, user);
    const offered = await readOfferedManifest(transaction, user);
    if (contact?.pin == null) throw new SafetyNumberDiffersError();
    const settled = {
      offered: null,
      alarm: contact.alarm === 'account-key-changed' ? null : contact.alarm,
    };
    if (digits === numberWith(profile, { user, accountKey: contact.pin }).digits) {
      putContact(transaction, contact, { ...settled, verified: contact.pin });
      await judgeLeavesOf(ports, transaction, user);
      return 'known';
    }
    if (offered === null || digits !== numberWith(profile, offered).digits)
      throw new SafetyNumberDiffersError();
    putContact(transaction, contact, {
      ...settled,
      verified: offered.accountKey,
      pin: offered.accountKey,
      manifest: offered.bytes,
    });
    await judgeLeavesOf(ports, transaction, user);
    return 'offered';
  });
}

/**
 * The person has compared the digits of the known key, by eye, ear or camera: shown as verified while that key is theirs.
 * @throws SafetyNumberDiffersError
 */
export async function markVerified(
  { steps, memory }: Pick<LeafCheckPorts, 'steps' | 'memory'>,
  params: { readonly user: UserId; readonly digits: string },
): Promise<void> {
  const { user } = params;
  const digits = spaced(params.digits);
  await steps.run('people/verify', async (transaction) => {
    const contact = await contactOf(transaction, user);
    if (contact.pin === null) throw new SafetyNumberDiffersError();
    if (digits !== numberWith(memory.profile, { user, accountKey: contact.pin }).digits)
      throw new SafetyNumberDiffersError();
    putContact(transaction, contact, { verified: contact.pin });
  });
}

export async function unmarkVerified({ steps }: Pick<LeafCheckPorts, 'steps'>, user: UserId): Promise<void> {
  await steps.run('people/verify', async (transaction) => {
    const contact = await contactOf(transaction, user);
    if (contact.verified !== null) putContact(transaction, contact, { verified: null });
  });
}

/**
 * What a scanned code is. `same`: of the account key that is known. `offered`: of the one that the server has named since.
 * `different`: of neither, so that somebody stands between. `other-people`: of a conversation between others.
 */
export type ScannedCode = 'same' | 'offered' | 'different' | 'other-people' | 'malformed';

/** Changes nothing. @throws NoSuchUserError when no key of theirs is known. */
export async function compareScanned(
  { steps, memory }: Pick<LeafCheckPorts, 'steps' | 'memory'>,
  params: { readonly user: UserId; readonly code: string },
): Promise<ScannedCode> {
  const { user, code } = params;
  const reader = steps.reader();
  const { pin } = await contactOf(reader, user);
  if (pin === null) throw new NoSuchUserError();
  const own: Person = { user: memory.profile.user, accountKey: memory.profile.accountKey };
  const verdict = compareSafetyCode({ scanned: code.trim(), own, other: { user, accountKey: pin } });
  if (verdict !== 'keys-differ') return verdict === 'match' ? 'same' : verdict;
  const offered = await readOfferedManifest(reader, user);
  const isOffered =
    offered !== null && compareSafetyCode({ scanned: code.trim(), own, other: offered }) === 'match';
  return isOffered ? 'offered' : 'different';
}

function spaced(digits: string): string {
  return digits.trim().split(/\s+/).join(' ');
}

function numberWith(profile: ProfileRow, { user, accountKey }: Person): SafetyNumber {
  const own: Person = { user: profile.user, accountKey: profile.accountKey };
  const other: Person = { user, accountKey };
  return { digits: safetyNumber(own, other), code: safetyCode(own, other) };
}
