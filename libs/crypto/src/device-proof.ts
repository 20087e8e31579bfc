/** The signing half of `verify/device-proof.ts`. */
import { ed25519 } from '@noble/curves/ed25519.js';
import { deviceProofMessage, type DeviceProofInput } from './verify/device-proof.js';

/**
 * The device's signature (64 bytes) over context, challenge and device.
 * @param input.leafSecret the 32-byte seed of the device's leaf key.
 * @throws RangeError for a challenge that is empty or longer than 256 bytes.
 */
export function signDeviceProof(input: DeviceProofInput & { readonly leafSecret: Uint8Array }): Uint8Array {
  return ed25519.sign(deviceProofMessage(input), input.leafSecret);
}
