/**
 * Records under a key that its keeper never hands out: a non-extractable `CryptoKey` of WebCrypto, which a browser
 * keeps in IndexedDB. Whoever copies the disk's files as the page's scripts could read them has ciphertext and no key.
 *
 * What it does not protect from: code that runs in the page can use the key, though not take it along.
 *
 * The bytes are those of `sealed-record.ts`; the cipher is WebCrypto's AES-GCM.
 */
import { aeadKeyBytes, aeadOverheadBytes } from './aead.js';
import type { RandomBytes } from './account-key.js';
import { associatedOf, recordFormat, type OpenedRecord, type RecordPlace } from './sealed-record.js';
import { joinBytes, u8 } from './verify/binary.js';

const nonceBytes = 12;
const algorithm = 'AES-GCM';

/** WebCrypto's `CryptoKey`, under whichever name the platform's types have it. */
export type GuardedKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

/** A new one, which cannot be exported. */
export function generateGuardedKey(): Promise<GuardedKey> {
  return crypto.subtle.generateKey({ name: algorithm, length: aeadKeyBytes * 8 }, false, [
    'encrypt',
    'decrypt',
  ]);
}

/** The same of known bytes, which then are the caller's to forget. */
export function importGuardedKey(raw: Uint8Array): Promise<GuardedKey> {
  return crypto.subtle.importKey('raw', bufferOf(raw), algorithm, false, ['encrypt', 'decrypt']);
}

/** 29 bytes longer than the value. */
export async function sealGuardedRecord(params: {
  readonly recordKey: GuardedKey;
  readonly place: RecordPlace;
  readonly value: Uint8Array;
  readonly random: RandomBytes;
}): Promise<Uint8Array<ArrayBuffer>> {
  const { recordKey, place, value, random } = params;
  const nonce = bufferOf(random(nonceBytes));
  const sealed = await crypto.subtle.encrypt(
    { name: algorithm, iv: nonce, additionalData: bufferOf(associatedOf(place)) },
    recordKey,
    bufferOf(value),
  );
  return joinBytes([u8(recordFormat), nonce, new Uint8Array(sealed)]);
}

export async function openGuardedRecord(params: {
  readonly recordKey: GuardedKey;
  readonly place: RecordPlace;
  readonly sealed: Uint8Array;
}): Promise<OpenedRecord> {
  const { recordKey, place, sealed } = params;
  if (sealed[0] !== recordFormat || sealed.length < 1 + aeadOverheadBytes)
    return { kind: 'failure', code: 'malformed' };
  const nonce = bufferOf(sealed.subarray(1, 1 + nonceBytes));
  try {
    const value = await crypto.subtle.decrypt(
      { name: algorithm, iv: nonce, additionalData: bufferOf(associatedOf(place)) },
      recordKey,
      bufferOf(sealed.subarray(1 + nonceBytes)),
    );
    return { kind: 'record', value: new Uint8Array(value) };
  } catch (error) {
    // WebCrypto says nothing more of a tag that does not fit; a key for another use is a fault of ours.
    if (isOperationError(error)) return { kind: 'failure', code: 'not-authentic' };
    throw error;
  }
}

function isOperationError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'name' in error && error.name === 'OperationError';
}

/** WebCrypto takes no views of shared memory, which ours never are. */
function bufferOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>;
}
