import {
  findDevice,
  isDeviceCurrent,
  signInContext,
  verifyDeviceProof,
  verifyManifest,
  type ManifestDevice,
  type VerifiedManifest,
} from '@cipherchat/crypto/verify';
import { problem, type DeviceProof, type UserId } from '@cipherchat/protocol';

/**
 * Verified against when there is no such device, so that the answer takes the same time. The point with
 * y = 4/5, Ed25519's base point (RFC 8032 §5.1), a valid key whose private half is 1 modulo the order; what
 * "verifies" by it is refused all the same.
 */
const nobodysKey = Uint8Array.from({ length: 32 }, (_, index) => (index === 0 ? 0x58 : 0x66));

/** @throws ProblemError `auth/signature-invalid`, for an unknown device (no key) too */
export function requireProof(params: {
  readonly proof: DeviceProof;
  readonly leafKey: Uint8Array | null | undefined;
}): void {
  const { proof, leafKey } = params;
  const { device, challenge, signature } = proof;
  const valid = verifyDeviceProof({
    context: signInContext,
    device,
    challenge,
    signature,
    leafKey: leafKey ?? nobodysKey,
  });
  if (!valid || leafKey === null || leafKey === undefined) throw problem('auth/signature-invalid');
}

/** The manifest and, in it, the device that proved its key. @throws ProblemError `directory/manifest-invalid`, `auth/signature-invalid` */
export function requireManifest(params: {
  readonly bytes: Uint8Array;
  readonly user: UserId;
  readonly proof: DeviceProof;
  readonly nowMs: number;
}): {
  readonly manifest: VerifiedManifest;
  readonly entry: ManifestDevice;
} {
  const { bytes, user, proof, nowMs } = params;
  const verdict = verifyManifest(bytes);
  if (verdict.kind === 'invalid' || verdict.manifest.user !== user)
    throw problem('directory/manifest-invalid');
  const { manifest } = verdict;
  const entry = findDevice(manifest, proof.device);
  if (entry === undefined || !isDeviceCurrent({ entry, nowS: nowMs / 1_000 }))
    throw problem('directory/manifest-invalid');
  requireProof({ proof, leafKey: entry.leafKey });
  return { manifest, entry };
}
