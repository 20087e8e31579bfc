/**
 * The device manifest: which devices belong to an account, said by the account itself.
 *
 * Layout (integers big-endian); there is exactly one encoding of a manifest:
 *
 *     "CipherChat device manifest v1" 0x00     30 bytes: what is signed, and the format's version
 *     user                                     16
 *     account key                              32  Ed25519 public key
 *     version                                  u32, from 1
 *     number of devices                        u8, at most 20
 *     for each device, ascending by device id:
 *       device                                 16
 *       leaf key                               32  Ed25519 public key of its MLS leaves and its sign-in
 *       added, expires                         u53 in 8 bytes each, Unix seconds
 *       name ciphertext                        u16 length (at most 256), bytes
 *     signature                                64  Ed25519 by the account key over all the bytes before it
 *
 * The context prefix keeps the signature from meaning anything elsewhere: what MLS signs
 * begins with a length byte below 0x40 and "MLS 1.0 " (RFC 9420 §5.1.2), device proofs have their own.
 */
import { ByteReader, compareBytes, equalBytes, idToBytes, joinBytes, u16, u32, u53, u8 } from './binary.js';
import { isUsablePublicKey, isValidSignature, publicKeyBytes, signatureBytes } from './ed25519.js';
import { manifestLimits } from './limits.js';

export type ManifestDevice = {
  /** Device id, UUID text. */
  readonly device: string;
  /** Ed25519 public key, 32 bytes. */
  readonly leafKey: Uint8Array;
  /** The device's name, readable by its owner's devices only; at most 256 bytes, may be empty. */
  readonly nameCiphertext: Uint8Array;
  /** Unix seconds. */
  readonly addedAtS: number;
  /** Unix seconds from which on the device no longer counts. */
  readonly expiresAtS: number;
};

export type Manifest = {
  /** User id, UUID text. */
  readonly user: string;
  /** Ed25519 public key, 32 bytes. */
  readonly accountKey: Uint8Array;
  /** 1 at registration; each newer manifest has a greater one. */
  readonly version: number;
  /** Ascending by device id. */
  readonly devices: readonly ManifestDevice[];
};

declare const verified: unique symbol;
/** A manifest whose signature was checked; only `verifyManifest` makes one. `bytes` is its one encoding. */
export type VerifiedManifest = Manifest & { readonly bytes: Uint8Array; readonly [verified]: true };

export type ManifestInvalid = {
  readonly kind: 'invalid';
  readonly reason:
    | 'too-large' // more than 16 KiB
    | 'unknown-format' // another context prefix: not a manifest, or of a newer format
    | 'malformed' // cut short, followed by anything, or a number out of range
    | 'devices-not-ordered' // not ascending by id, or one named twice
    | 'key-unusable' // a key that is no Ed25519 point of large order
    | 'key-reused' // two devices, or a device and the account, with the same key
    | 'lifetime-empty' // a device that expires before it was added
    | 'signature-invalid';
};
export type ManifestVerdict =
  { readonly kind: 'manifest'; readonly manifest: VerifiedManifest } | ManifestInvalid;

const context = new TextEncoder().encode('CipherChat device manifest v1\0');

/**
 * Reads and checks a manifest. Pure: says nothing of whether the account key is the right one
 * (`compareManifests`, and on clients the pin), nor of the clock (`isDeviceCurrent`).
 */
export function verifyManifest(bytes: Uint8Array): ManifestVerdict {
  if (bytes.length > manifestLimits.maxManifestBytes) return invalid('too-large');
  const read = readManifest(bytes);
  if (read.kind === 'invalid') return read;
  const { manifest, signature } = read;
  const reason = faultOf(manifest);
  if (reason !== null) return invalid(reason);
  const message = bytes.subarray(0, bytes.length - signatureBytes);
  if (!isValidSignature({ publicKey: manifest.accountKey, message, signature }))
    return invalid('signature-invalid');
  return { kind: 'manifest', manifest: { ...manifest, bytes: bytes.slice() } as VerifiedManifest };
}

/** The bytes that the account key signs; `manifestWithSignature` appends the signature. @throws RangeError for what could not be verified. */
export function manifestToSign(manifest: Manifest): Uint8Array<ArrayBuffer> {
  const reason = faultOf(manifest);
  if (reason !== null) throw new RangeError(`manifest: ${reason}`);
  return joinBytes([
    context,
    idToBytes(manifest.user),
    manifest.accountKey,
    u32(manifest.version),
    u8(manifest.devices.length),
    ...manifest.devices.flatMap((entry) => [
      idToBytes(entry.device),
      entry.leafKey,
      u53(entry.addedAtS),
      u53(entry.expiresAtS),
      u16(entry.nameCiphertext.length),
      entry.nameCiphertext,
    ]),
  ]);
}

/** Whether a device has not expired at `nowS` (Unix seconds). */
export function isDeviceCurrent(params: { readonly entry: ManifestDevice; readonly nowS: number }): boolean {
  return params.nowS < params.entry.expiresAtS;
}

export function findDevice(manifest: Manifest, device: string): ManifestDevice | undefined {
  return manifest.devices.find((entry) => entry.device === device);
}

type Read = { readonly kind: 'read'; readonly manifest: Manifest; readonly signature: Uint8Array };

function readManifest(bytes: Uint8Array): Read | ManifestInvalid {
  const reader = new ByteReader(bytes);
  if (!equalBytes(reader.raw(context.length), context)) return invalid('unknown-format');
  const user = reader.id();
  const accountKey = reader.raw(publicKeyBytes);
  const version = reader.u32();
  const count = reader.u8();
  const devices: ManifestDevice[] = [];
  for (let index = 0; index < count && !reader.failed; index++) devices.push(readDevice(reader));
  const signature = reader.raw(signatureBytes);
  if (!reader.ended) return invalid('malformed');
  return { kind: 'read', manifest: { user, accountKey, version, devices }, signature };
}

function readDevice(reader: ByteReader): ManifestDevice {
  const device = reader.id();
  const leafKey = reader.raw(publicKeyBytes);
  const addedAtS = reader.u53();
  const expiresAtS = reader.u53();
  return { device, leafKey, nameCiphertext: reader.raw(reader.u16()), addedAtS, expiresAtS };
}

/** What a manifest's content may not be; the same for signing and for verifying. */
function faultOf({ accountKey, version, devices }: Manifest): ManifestInvalid['reason'] | null {
  if (!isCount(version) || version < 1 || version > 0xffff_ffff) return 'malformed';
  if (devices.length > manifestLimits.maxDevices) return 'malformed';
  for (const entry of devices) {
    if (entry.nameCiphertext.length > manifestLimits.maxNameCiphertextBytes) return 'malformed';
    if (!isCount(entry.addedAtS) || !isCount(entry.expiresAtS)) return 'malformed';
    if (entry.expiresAtS <= entry.addedAtS) return 'lifetime-empty';
  }
  // Ids are lower-case hex of one length, so text order is byte order.
  if (devices.some((entry, index) => index > 0 && entry.device <= (devices[index - 1]?.device ?? '')))
    return 'devices-not-ordered';
  const keys = [accountKey, ...devices.map((entry) => entry.leafKey)];
  if (!keys.every(isUsablePublicKey)) return 'key-unusable';
  const sorted = keys.toSorted(compareBytes);
  if (sorted.some((key, index) => index > 0 && equalBytes(key, sorted[index - 1] ?? key)))
    return 'key-reused';
  return null;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function invalid(reason: ManifestInvalid['reason']): ManifestInvalid {
  return { kind: 'invalid', reason };
}
