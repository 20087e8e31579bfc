/**
 * Records at rest: each value that the client stores is sealed with the profile's key and bound to its
 * place (table and key), so that whoever writes the file cannot swap one record for another.
 * Layout: format 0x01 ‖ nonce (12) ‖ AES-256-GCM ‖ tag (16).
 *
 * Not protected: which records exist, their keys and sizes, and a whole file put back as it was earlier.
 * One key seals at most 2^32 records (`aead.ts`): a thousand a second for 49 days without a pause.
 */
import type { RandomBytes } from './account-key.js';
import { aeadKeyBytes, open, seal } from './aead.js';
import { joinBytes, u16, u8 } from './verify/binary.js';

/** Where a record stands. */
export type RecordPlace = { readonly table: string; readonly key: string };

export type OpenedRecord =
  | { readonly kind: 'record'; readonly value: Uint8Array }
  /** `not-authentic`: another profile key, another place, or changed bytes. */
  | { readonly kind: 'failure'; readonly code: 'malformed' | 'not-authentic' };

/** First byte of every record. */
export const recordFormat = 1;
const textEncoder = new TextEncoder();
const context = textEncoder.encode('CipherChat record v1\0');

/** A profile's key for its records: 32 bytes. */
export function generateRecordKey(random: RandomBytes): Uint8Array {
  return random(aeadKeyBytes);
}

/** 29 bytes longer than the value. */
export function sealRecord(params: {
  readonly recordKey: Uint8Array;
  readonly place: RecordPlace;
  readonly value: Uint8Array;
  readonly random: RandomBytes;
}): Uint8Array<ArrayBuffer> {
  const { recordKey, place, value, random } = params;
  return joinBytes([
    u8(recordFormat),
    seal({ key: recordKey, associated: associatedOf(place), plaintext: value, random }),
  ]);
}

export function openRecord(params: {
  readonly recordKey: Uint8Array;
  readonly place: RecordPlace;
  readonly sealed: Uint8Array;
}): OpenedRecord {
  const { recordKey, place, sealed } = params;
  if (sealed[0] !== recordFormat) return { kind: 'failure', code: 'malformed' };
  const value = open({ key: recordKey, associated: associatedOf(place), sealed: sealed.subarray(1) });
  return value === null ? { kind: 'failure', code: 'not-authentic' } : { kind: 'record', value };
}

/** The table's length comes first, so that no two places give the same bytes. */
export function associatedOf({ table, key }: RecordPlace): Uint8Array {
  const tableBytes = textEncoder.encode(table);
  return joinBytes([context, u16(tableBytes.length), tableBytes, textEncoder.encode(key)]);
}
