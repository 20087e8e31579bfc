/**
 * What an invite says of a person: who they are, and the one account key that is theirs. Whoever has it from that person
 * pins the right key at the first contact, and no server is believed about it. As long as a link or QR code may be:
 *
 *     version 1 | user id 16 | account key 32 | token 0 or 16 | check 4
 *
 * With a token it is a secret between its holders and the person: whoever has it is let in (`introduction.ts`). The check is
 * of SHA-256 and tells a code that was cut off or mistyped. It does not tell who made the code: whoever can change what
 * carries it can put another person there, as with any address that is passed on.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { inviteTokenBytes } from './introduction.js';
import type { Person } from './safety-number.js';
import { ByteReader, equalBytes, idToBytes, joinBytes, u8 } from './verify/binary.js';
import { publicKeyBytes } from './verify/ed25519.js';

/** What a code says: a person, and what lets its holder in, 16 bytes, or `null`. */
export type InviteCode = { readonly person: Person; readonly token: Uint8Array | null };

/** What a code turned out to be. */
export type InviteCodeVerdict =
  | ({ readonly kind: 'person' } & InviteCode)
  /** Of a newer build; nothing of it can be read. */
  | { readonly kind: 'newer-version' }
  | { readonly kind: 'malformed' };

const codeVersion = 1;
const checkBytes = 4;
const bytesWithoutToken = 1 + 16 + publicKeyBytes + checkBytes;
const context = new TextEncoder().encode('CipherChat invite v1\0');

/** 53 bytes, 69 with a token. @throws RangeError for an id that is none, or a key or token of a wrong length */
export function encodeInviteCode({ person, token }: InviteCode): Uint8Array<ArrayBuffer> {
  const { user, accountKey } = person;
  if (accountKey.length !== publicKeyBytes) throw new RangeError('account key length');
  if (token !== null && token.length !== inviteTokenBytes) throw new RangeError('token length');
  const said = joinBytes([u8(codeVersion), idToBytes(user), accountKey, token ?? new Uint8Array(0)]);
  return joinBytes([said, checkOf(said)]);
}

/** Takes any bytes, and throws nothing. */
export function decodeInviteCode(bytes: Uint8Array): InviteCodeVerdict {
  const reader = new ByteReader(bytes);
  const version = reader.u8();
  if (version > codeVersion) return { kind: 'newer-version' };
  const person: Person = { user: reader.id(), accountKey: reader.raw(publicKeyBytes) };
  const token = bytes.length > bytesWithoutToken ? reader.raw(inviteTokenBytes) : null;
  const check = reader.raw(checkBytes);
  const isWhole = reader.ended && version === codeVersion;
  if (!isWhole || !equalBytes(check, checkOf(bytes.subarray(0, bytes.length - checkBytes))))
    return { kind: 'malformed' };
  return { kind: 'person', person, token };
}

function checkOf(said: Uint8Array): Uint8Array {
  return sha256(joinBytes([context, said])).subarray(0, checkBytes);
}
