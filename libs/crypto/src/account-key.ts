/**
 * The account key: the Ed25519 key that is the person, made on the first device. It signs device
 * manifests and recovery records (`recovery-key.ts`), told apart by their first bytes. Who holds it can
 * name devices for the account; nobody can recover it but with the person's recovery key or backup.
 */
import { ed25519 } from '@noble/curves/ed25519.js';
import { equalBytes, joinBytes } from './verify/binary.js';
import { manifestToSign, verifyManifest, type Manifest, type VerifiedManifest } from './verify/manifest.js';

export type AccountKey = {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** The 32-byte seed of RFC 8032 §5.1.5. */
  readonly secret: Uint8Array;
};

/** `random(length)` gives that many bytes of a cryptographic source. */
export type RandomBytes = (length: number) => Uint8Array;

export function generateAccountKey(random: RandomBytes): AccountKey {
  return accountKeyFromSecret(random(32));
}

/** @param secret 32 bytes, copied. */
export function accountKeyFromSecret(secret: Uint8Array): AccountKey {
  return { publicKey: ed25519.getPublicKey(secret), secret: secret.slice() };
}

/**
 * Signs a manifest; devices are put in order here.
 * @throws RangeError when the manifest is of another account key, or what `verifyManifest` would refuse.
 */
export function signManifest(params: {
  readonly accountKey: AccountKey;
  readonly manifest: Manifest;
}): VerifiedManifest {
  const { accountKey, manifest } = params;
  if (!equalBytes(accountKey.publicKey, manifest.accountKey))
    throw new RangeError('manifest of another account key');
  const devices = manifest.devices.toSorted((left, right) => (left.device < right.device ? -1 : 1));
  const message = manifestToSign({ ...manifest, devices });
  // Checked again as a receiver will: a fault of the signing (RFC 8032 signs deterministically) must not leave the device.
  const verdict = verifyManifest(joinBytes([message, ed25519.sign(message, accountKey.secret)]));
  if (verdict.kind === 'invalid') throw new RangeError(`manifest: ${verdict.reason}`);
  return verdict.manifest;
}
