/**
 * A device proves that it holds its leaf key: it signs
 *
 *     context (UTF-8) ‖ 0x00 ‖ challenge ‖ device (16 bytes)
 *
 * with Ed25519. The context says what for, so that a signature given to sign in is no good for
 * anything else; the device comes last and has a fixed length, so that no two inputs give one message.
 */
import { idToBytes, joinBytes, u8 } from './binary.js';
import { isValidSignature } from './ed25519.js';
import { manifestLimits } from './limits.js';

/** Registration, adding a device, signing in: `challenge` is the server's 32 bytes. */
export const signInContext = 'CipherChat sign-in v1';
/** Renewing a session: `challenge` is the refresh token's ASCII text. */
export const refreshContext = 'CipherChat refresh v1';
export type DeviceProofContext = typeof signInContext | typeof refreshContext;

export type DeviceProofInput = {
  readonly context: DeviceProofContext;
  /** 1 to 256 bytes. */
  readonly challenge: Uint8Array;
  /** Device id, UUID text. */
  readonly device: string;
};

/** The bytes that are signed. @throws RangeError for a challenge of a wrong length or a device that is no id. */
export function deviceProofMessage(input: DeviceProofInput): Uint8Array<ArrayBuffer> {
  const { context, challenge, device } = input;
  if (challenge.length < 1 || challenge.length > manifestLimits.maxChallengeBytes)
    throw new RangeError('challenge length');
  return joinBytes([new TextEncoder().encode(context), u8(0), challenge, idToBytes(device)]);
}

/**
 * Whether `signature` (64 bytes) is the device's over this challenge. Strict Ed25519, see `ed25519.ts`.
 * That the challenge is fresh and unused is the caller's to know.
 * @throws RangeError as `deviceProofMessage`; a wrong key or signature, of whatever length, is `false`.
 */
export function verifyDeviceProof(
  proof: DeviceProofInput & {
    /** Ed25519 public key, 32 bytes, from the device's manifest. */
    readonly leafKey: Uint8Array;
    readonly signature: Uint8Array;
  },
): boolean {
  return isValidSignature({
    publicKey: proof.leafKey,
    message: deviceProofMessage(proof),
    signature: proof.signature,
  });
}
