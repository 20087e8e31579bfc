/**
 * What the server keeps so that a person who has no device left can come back: the account key, sealed under a recovery
 * key that only the person has. Signed by the account key, so that nobody who merely got hold of an access token can put
 * another in its place.
 *
 * Layout (integers big-endian); there is exactly one encoding of a record:
 *
 *     "CipherChat recovery record v1" 0x00     30 bytes: what is signed, and the format's version
 *     user                                     16
 *     account key                              32  Ed25519 public key
 *     version                                  u32, from 1: the newest recovery key of an account is the one that counts
 *     lookup hash                              32  SHA-256 of what the recovery key's owner shows to be given the record
 *     sealed account key                       60  (libs/crypto, `recovery-key.ts`)
 *     signature                                64  Ed25519 by the account key over all the bytes before it
 */
import { ByteReader, equalBytes, idToBytes, joinBytes, u32 } from './binary.js';
import { isValidSignature, publicKeyBytes, signatureBytes } from './ed25519.js';

/** SHA-256. */
const lookupHashBytes = 32;
/** A nonce, the 32-byte account secret, a tag. */
const sealedAccountKeyBytes = 60;

export type RecoveryRecord = {
  /** User id, UUID text. */
  readonly user: string;
  /** Ed25519 public key, 32 bytes. */
  readonly accountKey: Uint8Array;
  /** 1 for an account's first recovery key; each newer one has a greater one. */
  readonly version: number;
  /** SHA-256 of the lookup secret, 32 bytes. */
  readonly lookupHash: Uint8Array;
  /** 60 bytes. */
  readonly sealed: Uint8Array;
};

declare const verified: unique symbol;
/** A record whose signature was checked; only `verifyRecoveryRecord` makes one. `bytes` is its one encoding. */
export type VerifiedRecoveryRecord = RecoveryRecord & {
  readonly bytes: Uint8Array;
  readonly [verified]: true;
};

export type RecoveryRecordVerdict =
  | { readonly kind: 'record'; readonly record: VerifiedRecoveryRecord }
  | { readonly kind: 'invalid'; readonly reason: 'unknown-format' | 'malformed' | 'signature-invalid' };

const context = new TextEncoder().encode('CipherChat recovery record v1\0');
/** All of a record: 30 + 16 + 32 + 4 + 32 + 60 + 64. */
export const recoveryRecordBytes = 238;

/** Reads and checks a record. Pure: whether the account key is the right one is the caller's to know. */
export function verifyRecoveryRecord(bytes: Uint8Array): RecoveryRecordVerdict {
  const reader = new ByteReader(bytes);
  if (!equalBytes(reader.raw(context.length), context)) return { kind: 'invalid', reason: 'unknown-format' };
  const record: RecoveryRecord = {
    user: reader.id(),
    accountKey: reader.raw(publicKeyBytes),
    version: reader.u32(),
    lookupHash: reader.raw(lookupHashBytes),
    sealed: reader.raw(sealedAccountKeyBytes),
  };
  const signature = reader.raw(signatureBytes);
  if (!reader.ended || record.version < 1) return { kind: 'invalid', reason: 'malformed' };
  const message = bytes.subarray(0, bytes.length - signatureBytes);
  if (!isValidSignature({ publicKey: record.accountKey, message, signature }))
    return { kind: 'invalid', reason: 'signature-invalid' };
  return { kind: 'record', record: { ...record, bytes: bytes.slice() } as VerifiedRecoveryRecord };
}

/** The bytes that the account key signs. @throws RangeError for what could not be verified */
export function recoveryRecordToSign(record: RecoveryRecord): Uint8Array<ArrayBuffer> {
  const { user, accountKey, version, lookupHash, sealed } = record;
  if (!Number.isInteger(version) || version < 1 || version > 0xffff_ffff)
    throw new RangeError('recovery record version');
  const areLengthsRight =
    accountKey.length === publicKeyBytes &&
    lookupHash.length === lookupHashBytes &&
    sealed.length === sealedAccountKeyBytes;
  if (!areLengthsRight) throw new RangeError('recovery record lengths');
  return joinBytes([context, idToBytes(user), accountKey, u32(version), lookupHash, sealed]);
}
