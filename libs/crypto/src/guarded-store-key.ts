/**
 * The key of a browser's store, wrapped: under a key that the browser keeps and does not hand out (`guarded-record.ts`),
 * and, where the store is locked, below that under one made of a secret that is not in the browser at all (the output of
 * a passkey's PRF, WebAuthn Level 3 §10.1.4).
 *
 *     open:    seal(guard, key)
 *     locked:  seal(guard, seal(HKDF-SHA-256(secret, salt, label), key))
 *
 * So each of the two states is one row, and going from one to the other is one write; the records stay as they are.
 *
 * Not protected: a copy of the disk from before the store was locked, and what a disk may still hold of the row then.
 */
import type { RandomBytes } from './account-key.js';
import { aeadKeyBytes } from './aead.js';
import {
  generateGuardedKey,
  importGuardedKey,
  openGuardedRecord,
  sealGuardedRecord,
  type GuardedKey,
} from './guarded-record.js';
import type { RecordPlace } from './sealed-record.js';

/** Which passkey, and what it is asked: both are no secrets. */
export type StoreLockHint = { readonly credential: Uint8Array; readonly salt: Uint8Array };

/** As it is kept beside the store; `lock` is `null` while it opens by itself. */
export type WrappedStoreKey = {
  readonly guard: GuardedKey;
  readonly wrapped: Uint8Array;
  readonly lock: StoreLockHint | null;
};

export type UnwrappedStoreKey =
  | {
      readonly kind: 'key';
      /** For records. */
      readonly key: GuardedKey;
      /** Of a locked store: what opened it, to be able to lock it otherwise. */
      readonly lockKey: GuardedKey | null;
    }
  /** `wrong-secret`: or changed bytes, which look the same. */
  | { readonly kind: 'failure'; readonly code: 'locked' | 'wrong-secret' | 'not-authentic' };

const minSecretBytes = 32;
const label = new TextEncoder().encode('CipherChat store lock v1\0');
const outer = (isLocked: 'locked' | 'open'): RecordPlace => ({ table: 'keys', key: isLocked });
const inner: RecordPlace = { table: 'keys', key: 'under-lock' };

/** A new one, open. */
export async function createStoreKeyRow(random: RandomBytes): Promise<WrappedStoreKey> {
  const guard = await generateGuardedKey();
  return wrapped({ guard, key: random(aeadKeyBytes), random });
}

/** @param params.secret what locked it, where it is locked */
export async function openStoreKeyRow(params: {
  readonly row: WrappedStoreKey;
  readonly secret: Uint8Array | null;
}): Promise<UnwrappedStoreKey> {
  const { row, secret } = params;
  if (row.lock !== null && secret === null) return { kind: 'failure', code: 'locked' };
  const lockKey = row.lock === null || secret === null ? null : await lockKeyOf(secret, row.lock.salt);
  const raw = await unwrap(row, lockKey);
  if (raw === null) return { kind: 'failure', code: lockKey === null ? 'not-authentic' : 'wrong-secret' };
  return { kind: 'key', key: await importGuardedKey(raw), lockKey };
}

/** The same key under another lock, or the first. `null` when `lockKey` is not what locks it now. @throws RangeError for a secret of less than 256 bits */
export async function lockStoreKeyRow(params: {
  readonly row: WrappedStoreKey;
  readonly lockKey: GuardedKey | null;
  readonly hint: StoreLockHint;
  readonly secret: Uint8Array;
  readonly random: RandomBytes;
}): Promise<{ readonly row: WrappedStoreKey; readonly lockKey: GuardedKey } | null> {
  const { row, hint, secret, random } = params;
  const key = await unwrap(row, params.lockKey);
  if (key === null) return null;
  const lockKey = await lockKeyOf(secret, hint.salt);
  return { row: await wrapped({ guard: row.guard, key, random, lock: { hint, lockKey } }), lockKey };
}

/** The same key, opening by itself. `null` when `lockKey` is not what locks it now. */
export async function unlockStoreKeyRow(params: {
  readonly row: WrappedStoreKey;
  readonly lockKey: GuardedKey | null;
  readonly random: RandomBytes;
}): Promise<WrappedStoreKey | null> {
  const { row, random } = params;
  const key = await unwrap(row, params.lockKey);
  return key === null ? null : wrapped({ guard: row.guard, key, random });
}

async function wrapped(params: {
  readonly guard: GuardedKey;
  readonly key: Uint8Array;
  readonly random: RandomBytes;
  readonly lock?: { readonly hint: StoreLockHint; readonly lockKey: GuardedKey };
}): Promise<WrappedStoreKey> {
  const { guard, key, random, lock } = params;
  const value =
    lock === undefined
      ? key
      : await sealGuardedRecord({ recordKey: lock.lockKey, place: inner, value: key, random });
  const place = outer(lock === undefined ? 'open' : 'locked');
  const sealed = await sealGuardedRecord({ recordKey: guard, place, value, random });
  return { guard, wrapped: sealed, lock: lock?.hint ?? null };
}

async function unwrap(row: WrappedStoreKey, lockKey: GuardedKey | null): Promise<Uint8Array | null> {
  const place = outer(row.lock === null ? 'open' : 'locked');
  const found = await openGuardedRecord({ recordKey: row.guard, place, sealed: row.wrapped });
  if (found.kind === 'failure') return null;
  if (row.lock === null) return found.value;
  if (lockKey === null) return null;
  const key = await openGuardedRecord({ recordKey: lockKey, place: inner, sealed: found.value });
  return key.kind === 'record' ? key.value : null;
}

async function lockKeyOf(secret: Uint8Array, salt: Uint8Array): Promise<GuardedKey> {
  if (secret.length < minSecretBytes) throw new RangeError('store lock secret length');
  const material = await crypto.subtle.importKey('raw', Uint8Array.from(secret), 'HKDF', false, [
    'deriveKey',
  ]);
  return crypto.subtle.deriveKey(
    { name: 'HKDF', hash: 'SHA-256', salt: Uint8Array.from(salt), info: label },
    material,
    { name: 'AES-GCM', length: aeadKeyBytes * 8 },
    false,
    ['encrypt', 'decrypt'],
  );
}
