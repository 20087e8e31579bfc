/**
 * AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce in front: `nonce (12) ‖ ciphertext ‖ tag (16)`.
 *
 * Random nonces allow 2^32 seals under one key before the chance of a repeated one, and with it the
 * loss of secrecy and authenticity of those two, passes 2^-32. Each use here stays far below.
 */
import { gcm } from '@noble/ciphers/aes.js';
import type { RandomBytes } from './account-key.js';
import { joinBytes } from './verify/binary.js';

export const aeadKeyBytes = 32;
export const aeadOverheadBytes = 28;
const nonceBytes = 12;

/** @param params.key 32 bytes. */
export function seal(params: {
  readonly key: Uint8Array;
  readonly associated: Uint8Array;
  readonly plaintext: Uint8Array;
  readonly random: RandomBytes;
}): Uint8Array<ArrayBuffer> {
  const { key, associated, plaintext, random } = params;
  if (key.length !== aeadKeyBytes) throw new RangeError('AES-256 key length');
  const nonce = random(nonceBytes);
  if (nonce.length !== nonceBytes) throw new RangeError('nonce length');
  return joinBytes([nonce, gcm(key, nonce, associated).encrypt(plaintext)]);
}

/** The plaintext, or `null` when key, associated data or any bit differs from what was sealed. */
export function open(params: {
  readonly key: Uint8Array;
  readonly associated: Uint8Array;
  readonly sealed: Uint8Array;
}): Uint8Array | null {
  const { key, associated, sealed } = params;
  if (key.length !== aeadKeyBytes) throw new RangeError('AES-256 key length');
  if (sealed.length < aeadOverheadBytes) return null;
  try {
    return gcm(key, sealed.subarray(0, nonceBytes), associated).decrypt(sealed.subarray(nonceBytes));
  } catch {
    // The library reports a tag that does not fit by throwing; lengths were checked above.
    return null;
  }
}
