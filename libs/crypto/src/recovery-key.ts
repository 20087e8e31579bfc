/**
 * The recovery key: 256 random bits that a person keeps outside of every device. Two things are made of it, so that
 * neither tells anything of the other (HKDF-SHA-256, RFC 5869, one label each):
 *
 *     lookup secret   what the server wants to see, by its hash, before it gives the record away
 *     sealing key     AES-256-GCM over the account secret; associated: purpose, format and user
 *
 * As text: 32 bytes and a check of 3 in Crockford's base32, 14 groups of 4. It has no I, L, O and U, and small letters,
 * spaces and dashes are taken as they come: people copy it by hand. The check is of SHA-256 and tells a mistyped key
 * from a wrong one; of the key itself it says no more than that a guess is a possible one.
 *
 * Not protected: who has the recovery key and the record has the account key. A record that was replaced still opens
 * under the recovery key of its time, if somebody kept it.
 */
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { ed25519 } from '@noble/curves/ed25519.js';
import { accountKeyFromSecret, type AccountKey, type RandomBytes } from './account-key.js';
import { aeadKeyBytes, open, seal } from './aead.js';
import { equalBytes, idToBytes, joinBytes } from './verify/binary.js';
import {
  recoveryRecordToSign,
  verifyRecoveryRecord,
  type RecoveryRecord,
  type VerifiedRecoveryRecord,
} from './verify/recovery-record.js';

/** What a text turned out to be. */
export type RecoveryKeyVerdict =
  { readonly kind: 'key'; readonly key: Uint8Array } | { readonly kind: 'malformed' };

const keyBytes = 32;
const checkBytes = 3;
const groupLength = 4;
/** Far more than any spelling needs. */
const maxTextLength = 200;
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const label = (text: string): Uint8Array => new TextEncoder().encode(`${text}\0`);
const checkContext = label('CipherChat recovery key v1');
const lookupLabel = label('CipherChat recovery lookup v1');
const sealLabel = label('CipherChat recovery seal v1');
const sealContext = label('CipherChat recovery sealed account key v1');

/** 32 bytes. */
export function generateRecoveryKey(random: RandomBytes): Uint8Array {
  return random(keyBytes);
}

/** 69 characters: `7Q3M-…`. @throws RangeError for a key of a wrong length */
export function encodeRecoveryKey(key: Uint8Array): string {
  if (key.length !== keyBytes) throw new RangeError('recovery key length');
  const symbols = toBase32(joinBytes([key, checkOf(key)]));
  return (symbols.match(new RegExp(`.{${groupLength}}`, 'g')) ?? []).join('-');
}

/** Takes any text, and throws nothing. */
export function decodeRecoveryKey(text: string): RecoveryKeyVerdict {
  if (text.length > maxTextLength) return { kind: 'malformed' };
  const bytes = fromBase32(text);
  if (bytes?.length !== keyBytes + checkBytes) return { kind: 'malformed' };
  const key = bytes.slice(0, keyBytes);
  return equalBytes(bytes.subarray(keyBytes), checkOf(key)) ? { kind: 'key', key } : { kind: 'malformed' };
}

/** What is shown to the server to be given the record: 32 bytes. */
export function recoveryLookup(key: Uint8Array): Uint8Array {
  return hkdf(sha256, key, undefined, lookupLabel, keyBytes);
}

/** What the server keeps to know it again. */
export function recoveryLookupHash(lookup: Uint8Array): Uint8Array {
  return sha256(lookup);
}

/** Whether it is this recovery key that opens a record. */
export function isRecoveryKeyOf(key: Uint8Array, { lookupHash }: RecoveryRecord): boolean {
  return equalBytes(recoveryLookupHash(recoveryLookup(key)), lookupHash);
}

/** The account key, sealed under a recovery key and signed by itself. @throws RangeError for a version that is none */
export function sealRecoveryRecord(params: {
  readonly recoveryKey: Uint8Array;
  readonly accountKey: AccountKey;
  readonly user: string;
  readonly version: number;
  readonly random: RandomBytes;
}): VerifiedRecoveryRecord {
  const { recoveryKey, accountKey, user, version, random } = params;
  const sealed = seal({
    key: sealingKey(recoveryKey),
    associated: associatedOf(user),
    plaintext: accountKey.secret,
    random,
  });
  const lookupHash = recoveryLookupHash(recoveryLookup(recoveryKey));
  const record = { user, accountKey: accountKey.publicKey, version, lookupHash, sealed };
  return signRecoveryRecord({ accountKey, record });
}

/** Signs a record, for instance one that takes a newer version because another device made one meanwhile. */
export function signRecoveryRecord(params: {
  readonly accountKey: AccountKey;
  readonly record: RecoveryRecord;
}): VerifiedRecoveryRecord {
  const { accountKey, record } = params;
  const message = recoveryRecordToSign(record);
  // Checked again as a receiver will: a fault of the signing must not leave the device.
  const verdict = verifyRecoveryRecord(joinBytes([message, ed25519.sign(message, accountKey.secret)]));
  if (verdict.kind === 'invalid') throw new RangeError(`recovery record: ${verdict.reason}`);
  return verdict.record;
}

/** The account key; `null` unless this recovery key opens the record and what is inside is the key that signed it. */
export function openRecoveryRecord(params: {
  readonly recoveryKey: Uint8Array;
  readonly record: VerifiedRecoveryRecord;
}): AccountKey | null {
  const { recoveryKey, record } = params;
  const secret = open({
    key: sealingKey(recoveryKey),
    associated: associatedOf(record.user),
    sealed: record.sealed,
  });
  if (secret?.length !== keyBytes) return null;
  const accountKey = accountKeyFromSecret(secret);
  return equalBytes(accountKey.publicKey, record.accountKey) ? accountKey : null;
}

function sealingKey(recoveryKey: Uint8Array): Uint8Array {
  return hkdf(sha256, recoveryKey, undefined, sealLabel, aeadKeyBytes);
}

function associatedOf(user: string): Uint8Array {
  return joinBytes([sealContext, idToBytes(user)]);
}

function checkOf(key: Uint8Array): Uint8Array {
  return sha256(joinBytes([checkContext, key])).subarray(0, checkBytes);
}

/** Five bits a symbol; the 35 bytes above are 56 symbols exactly, so nothing is filled up. */
function toBase32(bytes: Uint8Array): string {
  let symbols = '';
  for (let bit = 0; bit < bytes.length * 8; bit += 5) {
    const pair = ((bytes[bit >> 3] ?? 0) << 8) | (bytes[(bit >> 3) + 1] ?? 0);
    symbols += alphabet[(pair >> (11 - (bit & 7))) & 31] ?? '';
  }
  return symbols;
}

/** `null` for a character that stands for nothing, and for bits that are left over. */
function fromBase32(text: string): Uint8Array | null {
  const spelled = text.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll(/[IL]/g, '1').replaceAll('O', '0');
  const values = Array.from(spelled, (symbol) => alphabet.indexOf(symbol));
  if (values.includes(-1) || (values.length * 5) % 8 !== 0) return null;
  const bytes = new Uint8Array((values.length * 5) / 8);
  for (const [index, value] of values.entries())
    for (let bit = 0; bit < 5; bit++) {
      const at = index * 5 + bit;
      if (((value >> (4 - bit)) & 1) === 1) bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (0x80 >> (at & 7));
    }
  return bytes;
}
