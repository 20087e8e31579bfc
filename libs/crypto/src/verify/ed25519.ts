/**
 * Ed25519 (RFC 8032 §5.1) with one verification rule for everything of ours.
 *
 * Why `@noble/curves`: it is audited, runs unchanged in Node and in browsers, and lets the rule be
 * chosen. The rule is the strict one (`zip215: false`): encodings of the key and of R must be
 * canonical, S is below the group order, a key of small order is refused, and the cofactored
 * equation of RFC 8032 §5.1.7 decides. ZIP 215 is for systems where all must agree on a block; here
 * a lax rule would let one crafted key or signature stand for two different messages.
 *
 * Not protected: verification is not constant time; it sees public data only.
 */
import { ed25519 } from '@noble/curves/ed25519.js';

export const publicKeyBytes = 32;
export const signatureBytes = 64;

/** Never throws: wrong lengths and bytes that are no point are just not valid. */
export function isValidSignature(params: {
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}): boolean {
  const { publicKey, message, signature } = params;
  if (publicKey.length !== publicKeyBytes || signature.length !== signatureBytes) return false;
  return ed25519.verify(signature, message, publicKey, { zip215: false });
}

/** A canonical point of large order: a key under which strict verification can succeed at all. */
export function isUsablePublicKey(publicKey: Uint8Array): boolean {
  if (publicKey.length !== publicKeyBytes) return false;
  try {
    return !ed25519.Point.fromBytes(publicKey, false).isSmallOrder();
  } catch {
    // The library reports bytes that are no point by throwing; here that is an answer.
    return false;
  }
}
