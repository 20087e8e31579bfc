/**
 * What an invite says of a person: who they are, and the one account key that is theirs. Whoever has it from that person
 * pins the right key at the first contact, and no server is believed about it. As long as a link or QR code may be:
 *
 *     version 1 | user id 16 | account key 32 | check 4
 *
 * The check is of SHA-256 and tells a code that was cut off or mistyped. It does not tell who made the code: whoever
 * can change what carries it can put another person there, as with any address that is passed on.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import type { Person } from './safety-number.js';
import { ByteReader, equalBytes, idToBytes, joinBytes, u8 } from './verify/binary.js';
import { publicKeyBytes } from './verify/ed25519.js';

/** What a code turned out to be. */
export type InviteCodeVerdict =
  | { readonly kind: 'person'; readonly person: Person }
  /** Of a newer build; nothing of it can be read. */
  | { readonly kind: 'newer-version' }
  | { readonly kind: 'malformed' };

const codeVersion = 1;
const checkBytes = 4;
const context = new TextEncoder().encode('CipherChat invite v1\0');

/** 53 bytes. @throws RangeError for an id that is none, or a key of a wrong length */
export function encodeInviteCode({ user, accountKey }: Person): Uint8Array<ArrayBuffer> {
  if (accountKey.length !== publicKeyBytes) throw new RangeError('account key length');
  const said = joinBytes([u8(codeVersion), idToBytes(user), accountKey]);
  return joinBytes([said, checkOf(said)]);
}

/** Takes any bytes, and throws nothing. */
export function decodeInviteCode(bytes: Uint8Array): InviteCodeVerdict {
  const reader = new ByteReader(bytes);
  const version = reader.u8();
  if (version > codeVersion) return { kind: 'newer-version' };
  const person: Person = { user: reader.id(), accountKey: reader.raw(publicKeyBytes) };
  const check = reader.raw(checkBytes);
  const isWhole = reader.ended && version === codeVersion;
  if (!isWhole || !equalBytes(check, checkOf(bytes.subarray(0, bytes.length - checkBytes))))
    return { kind: 'malformed' };
  return { kind: 'person', person };
}

function checkOf(said: Uint8Array): Uint8Array {
  return sha256(joinBytes([context, said])).subarray(0, checkBytes);
}
