/**
 * A key locked with a passphrase: Argon2id (RFC 9106) makes a key of the passphrase, which seals the
 * key. The parameters and the salt stand in clear in front of it and are authenticated with it.
 *
 * Layout: format 0x01 ‖ memory KiB (u32) ‖ passes (u32) ‖ lanes (u32) ‖ salt (16) ‖ nonce (12) ‖ AES-256-GCM ‖ tag (16).
 *
 * Not protected: a passphrase that can be guessed in some billion tries.
 */
import { argon2id } from '@noble/hashes/argon2.js';
import type { RandomBytes } from './account-key.js';
import { aeadKeyBytes, open, seal } from './aead.js';
import { cryptoLimits } from './limits.js';
import { ByteReader, joinBytes, u32, u8 } from './verify/binary.js';

export type PassphraseParameters = {
  readonly memoryKib: number;
  readonly passes: number;
  readonly lanes: number;
};

export type UnlockedKey =
  | { readonly kind: 'key'; readonly key: Uint8Array }
  /** `parameters-refused`: not Argon2's, or costlier than this build accepts. `wrong-passphrase`: or changed bytes, which look the same. */
  | { readonly kind: 'failure'; readonly code: 'malformed' | 'parameters-refused' | 'wrong-passphrase' };

const format = 1;
const headerBytes = 13 + cryptoLimits.passphraseSaltBytes;
const context = new TextEncoder().encode('CipherChat locked key v1\0');

/** What new keys are locked with. */
export const passphraseParameters: PassphraseParameters = {
  memoryKib: cryptoLimits.passphraseMemoryKib,
  passes: cryptoLimits.passphrasePasses,
  lanes: cryptoLimits.passphraseLanes,
};

/**
 * Locks a key; with the default parameters it takes about a second and 64 MiB.
 * @param params.parameters weaker ones are for tests.
 * @throws RangeError for parameters that `unlockKey` would refuse.
 */
export function lockKey(params: {
  readonly key: Uint8Array;
  readonly passphrase: string;
  readonly parameters?: PassphraseParameters;
  readonly random: RandomBytes;
}): Uint8Array<ArrayBuffer> {
  const { key, passphrase, parameters = passphraseParameters, random } = params;
  if (!isAcceptable(parameters)) throw new RangeError('passphrase parameters');
  const salt = random(cryptoLimits.passphraseSaltBytes);
  const { memoryKib, passes, lanes } = parameters;
  const header = joinBytes([u8(format), u32(memoryKib), u32(passes), u32(lanes), salt]);
  const associated = joinBytes([context, header]);
  return joinBytes([
    header,
    seal({ key: passphraseKey({ passphrase, salt, parameters }), associated, plaintext: key, random }),
  ]);
}

export function unlockKey(params: { readonly locked: Uint8Array; readonly passphrase: string }): UnlockedKey {
  const { locked, passphrase } = params;
  const reader = new ByteReader(locked);
  const isOfFormat = reader.u8() === format;
  const parameters = { memoryKib: reader.u32(), passes: reader.u32(), lanes: reader.u32() };
  const salt = reader.raw(cryptoLimits.passphraseSaltBytes);
  if (!isOfFormat || reader.failed) return { kind: 'failure', code: 'malformed' };
  if (!isAcceptable(parameters)) return { kind: 'failure', code: 'parameters-refused' };
  const associated = joinBytes([context, locked.subarray(0, headerBytes)]);
  const key = open({
    key: passphraseKey({ passphrase, salt, parameters }),
    associated,
    sealed: locked.subarray(headerBytes),
  });
  return key === null ? { kind: 'failure', code: 'wrong-passphrase' } : { kind: 'key', key };
}

/** 32 bytes. Unicode NFKC, so that the same passphrase from another keyboard is the same. */
function passphraseKey(params: {
  readonly passphrase: string;
  readonly salt: Uint8Array;
  readonly parameters: PassphraseParameters;
}): Uint8Array {
  const { passphrase, salt, parameters } = params;
  const { memoryKib, passes, lanes } = parameters;
  return argon2id(new TextEncoder().encode(passphrase.normalize('NFKC')), salt, {
    m: memoryKib,
    t: passes,
    p: lanes,
    dkLen: aeadKeyBytes,
  });
}

/** RFC 9106 §3.1 wants at least 8 KiB a lane and one pass; the upper bounds are ours. */
function isAcceptable({ memoryKib, passes, lanes }: PassphraseParameters): boolean {
  const { maxPassphraseMemoryKib, maxPassphrasePasses, maxPassphraseLanes } = cryptoLimits;
  const isEnough = lanes >= 1 && passes >= 1 && memoryKib >= 8 * lanes;
  return (
    isEnough &&
    memoryKib <= maxPassphraseMemoryKib &&
    passes <= maxPassphrasePasses &&
    lanes <= maxPassphraseLanes
  );
}
