/**
 * What stands in place of a ciphertext: of a real one's size, and random but for the first bytes, in which sender and
 * receiver tell each other what is measured. The server cannot read a ciphertext and costs the same for this.
 */
import { cryptoLimits } from '@cipherchat/crypto';
import type { Random } from './chance.js';

export type Payload = {
  /** 8 bytes. */
  readonly run: Uint8Array;
  /** The index of the member in its room. */
  readonly sender: number;
  /** From 1 on, by sender. */
  readonly number: number;
  /** On the clock of the run. */
  readonly dueMs: number;
  /** Warm-up, and what is written to those who are away, is accounted for and not timed. */
  readonly timing: 'timed' | 'untimed';
};

const runBytes = 8;
const headerBytes = runBytes + 2 + 4 + 8 + 1;
/** An MLS PrivateMessage of suite 0x004E around a padded plaintext (seen with the engine of libs/crypto). */
const framingBytes = 146;

/** How often a message falls into which padding bucket: people write short, now and then they paste something. */
const shares = [0.8, 0.12, 0.05, 0.02, 0.01] as const;

export function ciphertextBytes(drawn: number): number {
  let below = 0;
  const bucket = shares.findIndex((share) => drawn < (below += share));
  const index = bucket === -1 ? shares.length - 1 : bucket;
  return (cryptoLimits.paddingBucketsBytes[index] ?? 0) + framingBytes;
}

export function encodePayload(
  payload: Payload,
  filling: { readonly sizeBytes: number; readonly random: Random },
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(filling.sizeBytes);
  bytes.set(payload.run);
  const view = new DataView(bytes.buffer);
  view.setUint16(runBytes, payload.sender);
  view.setUint32(runBytes + 2, payload.number);
  view.setFloat64(runBytes + 6, payload.dueMs);
  view.setUint8(runBytes + 14, payload.timing === 'timed' ? 1 : 0);
  bytes.set(filling.random(filling.sizeBytes - headerBytes), headerBytes);
  return bytes;
}

/** Null for what is not of this run. */
export function decodePayload(bytes: Uint8Array, run: Uint8Array): Payload | null {
  if (bytes.length < headerBytes) return null;
  for (let index = 0; index < runBytes; index++) if (bytes[index] !== run[index]) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    run,
    sender: view.getUint16(runBytes),
    number: view.getUint32(runBytes + 2),
    dueMs: view.getFloat64(runBytes + 6),
    timing: view.getUint8(runBytes + 14) === 1 ? 'timed' : 'untimed',
  };
}
