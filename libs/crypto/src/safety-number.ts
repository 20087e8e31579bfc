/**
 * Safety numbers: two people compare one number, read aloud or as a QR code, and know that no server
 * stands between their account keys. The construction is that of Signal's numeric fingerprint, version
 * 2, with our own prefix: each side's half is SHA-512, iterated 5,200 times over its account key, cut to
 * 30 bytes, and written as six groups of five digits; the halves stand in the order of the user ids,
 * so that both people see the same 60 digits.
 *
 * Strength: 30 digits a side are just under 100 bits against a second key for a given person, and each
 * guess costs 5,200 hashes. The QR code carries both account keys in full.
 */
import { sha512 } from '@noble/hashes/sha2.js';
import { cryptoLimits } from './limits.js';
import { ByteReader, equalBytes, idToBytes, joinBytes } from './verify/binary.js';
import { publicKeyBytes } from './verify/ed25519.js';

export type Person = {
  /** User id, UUID text. */
  readonly user: string;
  /** Ed25519 public key, 32 bytes. */
  readonly accountKey: Uint8Array;
};

export type SafetyCodeVerdict =
  | 'match'
  /** The same two people, other keys: somebody stands between them, or one of them reinstalled without recovery. */
  | 'keys-differ'
  /** A code of a conversation between others. */
  | 'other-people'
  | 'malformed';

const context = new TextEncoder().encode('CipherChat safety number v1\0');
const codePrefix = 'CIPHERCHAT-SAFETY-1:';
const hexPattern = /^(?:[0-9A-F]{2}){96}$/;
const chunkBytes = 5;
const chunksPerPerson = 6;

/** 60 digits as twelve groups of five with spaces between. The same from both sides; about 20 ms. */
export function safetyNumber(one: Person, other: Person): string {
  return inOrder(one, other).flatMap(digitGroups).join(' ');
}

/**
 * The text of the QR code, the same from both sides: a prefix and, in upper-case hex (which QR encodes
 * as alphanumeric), user id and account key of both, in the order of the user ids; 212 characters.
 */
export function safetyCode(one: Person, other: Person): string {
  return (
    codePrefix +
    hexOf(joinBytes(inOrder(one, other).flatMap(({ user, accountKey }) => [idToBytes(user), accountKey])))
  );
}

/** Compares a scanned code with the keys that this device holds of the two. */
export function compareSafetyCode(params: {
  readonly scanned: string;
  readonly own: Person;
  readonly other: Person;
}): SafetyCodeVerdict {
  const { scanned, own, other } = params;
  const hex = scanned.slice(codePrefix.length);
  if (!scanned.startsWith(codePrefix) || !hexPattern.test(hex)) return 'malformed';
  const reader = new ByteReader(
    Uint8Array.from({ length: hex.length / 2 }, (_, index) =>
      Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16),
    ),
  );
  const people: readonly Person[] = [0, 1].map(() => ({
    user: reader.id(),
    accountKey: reader.raw(publicKeyBytes),
  }));
  const expected = inOrder(own, other);
  if (people.some(({ user }, index) => user !== expected[index]?.user)) return 'other-people';
  return people.every(({ accountKey }, index) =>
    equalBytes(accountKey, expected[index]?.accountKey ?? new Uint8Array()),
  )
    ? 'match'
    : 'keys-differ';
}

/** @throws RangeError for one person twice, or a key of a wrong length. */
function inOrder(one: Person, other: Person): readonly [Person, Person] {
  if (one.user === other.user) throw new RangeError('a safety number is between two people');
  if (one.accountKey.length !== publicKeyBytes || other.accountKey.length !== publicKeyBytes)
    throw new RangeError('account key length');
  return one.user < other.user ? [one, other] : [other, one];
}

function digitGroups({ user, accountKey }: Person): readonly string[] {
  let hash = joinBytes([context, accountKey, idToBytes(user)]);
  for (let round = 0; round < cryptoLimits.safetyNumberRounds; round++)
    hash = sha512(joinBytes([hash, accountKey]));
  const reader = new ByteReader(hash);
  return Array.from({ length: chunksPerPerson }, () => {
    const chunk = reader.raw(chunkBytes).reduce((sum, byte) => sum * 256 + byte, 0);
    return String(chunk % 100_000).padStart(5, '0');
  });
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase();
}
