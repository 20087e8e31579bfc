/**
 * An account and its devices as a client holds them, for tests: real Ed25519 keys, and an encoder of
 * manifests written a second time from the layout in libs/crypto, so that it checks the first.
 */
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { refreshContext, signInContext, deviceProofMessage } from '@cipherchat/crypto/verify';
import { idFromRandom, idToBytes, type DeviceId, type DeviceProof, type UserId } from '@cipherchat/protocol';
import { systemRandomBytes } from '@cipherchat/service-kit';

type KeyPair = { readonly publicKey: Uint8Array; readonly privateKey: KeyObject };

export type TestDevice = { readonly device: DeviceId; readonly leaf: KeyPair };
export type TestAccount = {
  readonly user: UserId;
  readonly username: string;
  readonly key: KeyPair;
  readonly device: TestDevice;
};

const yearS = 365 * 86_400;
let names = 0;

export function newDevice(): TestDevice {
  return { device: idFromRandom<DeviceId>(systemRandomBytes), leaf: newKeyPair() };
}

/** With a first device and a username that no other test of this process has. */
export function newAccount(username = `person-${process.pid}-${names++}`): TestAccount {
  return { user: idFromRandom<UserId>(systemRandomBytes), username, key: newKeyPair(), device: newDevice() };
}

export type ManifestParams = {
  readonly account: TestAccount;
  readonly version?: number;
  readonly devices?: readonly TestDevice[];
  readonly nowMs: number;
  readonly expiresInS?: number;
  /** Another signer than the account. */
  readonly signer?: KeyPair;
};

export function manifestOf(params: ManifestParams): Uint8Array {
  const {
    account,
    version = 1,
    devices = [account.device],
    nowMs,
    expiresInS = yearS,
    signer = account.key,
  } = params;
  const addedAtS = Math.floor(nowMs / 1_000) - 10;
  const u32 = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  };
  const u53 = (value: number): Buffer => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(BigInt(value));
    return bytes;
  };
  const sorted = devices.toSorted((one, other) => (one.device < other.device ? -1 : 1));
  const signed = Buffer.concat([
    Buffer.from('CipherChat device manifest v1\0'),
    idToBytes(account.user),
    account.key.publicKey,
    u32(version),
    Uint8Array.of(sorted.length),
    ...sorted.flatMap(({ device, leaf }) => [
      idToBytes(device),
      leaf.publicKey,
      u53(addedAtS),
      u53(addedAtS + 10 + expiresInS),
      Uint8Array.of(0, 3),
      Buffer.from('tel'),
    ]),
  ]);
  return Uint8Array.from(Buffer.concat([signed, sign(null, signed, signer.privateKey)]));
}

export function proofOf(params: {
  readonly device: TestDevice;
  readonly challenge: Uint8Array;
}): DeviceProof {
  const { device, leaf } = params.device;
  const { challenge } = params;
  return {
    device,
    challenge,
    signature: Uint8Array.from(
      sign(null, deviceProofMessage({ context: signInContext, challenge, device }), leaf.privateKey),
    ),
  };
}

export function refreshSignature(params: {
  readonly device: TestDevice;
  readonly refreshToken: string;
}): Uint8Array {
  const { device, leaf } = params.device;
  const challenge = new TextEncoder().encode(params.refreshToken);
  return Uint8Array.from(
    sign(null, deviceProofMessage({ context: refreshContext, challenge, device }), leaf.privateKey),
  );
}

export function newKeyPair(): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const jwk = publicKey.export({ format: 'jwk' });
  return { publicKey: Uint8Array.from(Buffer.from(jwk.x ?? '', 'base64url')), privateKey };
}
