import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { accountKeyFromSecret, signManifest } from '../account-key.js';
import { signDeviceProof } from '../device-proof.js';
import { bytesToHex, idFromBytes } from './binary.js';
import { refreshContext, signInContext, verifyDeviceProof } from './device-proof.js';
import { compareManifests, isNewerManifest } from './manifest-order.js';
import { verifyManifest, type Manifest } from './manifest.js';

const key = (fill: number) => accountKeyFromSecret(new Uint8Array(32).fill(fill));
const accountKey = key(1);
const user = '11111111-1111-4111-8111-111111111111';
const laptop = 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa';
const phone = 'bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb';
const device = (id: string, fill: number) => ({
  device: id,
  leafKey: key(fill).publicKey,
  nameCiphertext: new Uint8Array([1, 2, 3]),
  addedAtS: 1_800_000_000,
  expiresAtS: 1_831_536_000,
});
const manifest: Manifest = {
  user,
  accountKey: accountKey.publicKey,
  version: 3,
  devices: [device(phone, 3), device(laptop, 2)],
};
const sign = (changes: Partial<Manifest> = {}) =>
  signManifest({ accountKey, manifest: { ...manifest, ...changes } });
const resigned = (change: (bytes: Uint8Array) => void) => {
  const bytes = sign().bytes.slice();
  change(bytes);
  return verifyManifest(bytes);
};

describe('a device manifest', () => {
  it('verifies as it was signed, with its devices in order', () => {
    const signed = sign();
    const verdict = verifyManifest(signed.bytes);
    expect(verdict).toEqual({ kind: 'manifest', manifest: signed });
    expect(signed.devices.map((entry) => entry.device)).toEqual([laptop, phone]);
    expect(signed).toMatchObject({ user, version: 3, accountKey: accountKey.publicKey });
  });

  it('has one frozen encoding', () => {
    expect(bytesToHex(sign().bytes)).toMatchInlineSnapshot(
      `"4369706865724368617420646576696365206d616e696665737420763100111111111111411181111111111111118a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c0000000302aaaaaaaaaaaa4aaa8aaaaaaaaaaaaaaa8139770ea87d175f56a35466c34c7ecccb8d8a91b4ee37a25df60f5b8fc9b394000000006b49d200000000006d2b05800003010203bbbbbbbbbbbb4bbb8bbbbbbbbbbbbbbbed4928c628d1c2c6eae90338905995612959273a5c63f93636c14614ac8737d1000000006b49d200000000006d2b05800003010203bbbe7ab19292716c44410f6b7d6f5f40f8969947a382b0ef9f4ff1d585dbb5de799dce1ec54813f4fe4063355352230d938365829d1d3757a5b23de420862806"`,
    );
  });

  it('is refused when any one bit is flipped', () => {
    const { bytes } = sign();
    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
        const changed = bytes.slice();
        changed[bit >> 3]! ^= 1 << (bit & 7);
        expect(verifyManifest(changed).kind).toBe('invalid');
      }),
      { numRuns: 200 },
    );
  });

  it('is refused when cut short, lengthened, too large, or of an unknown format', () => {
    const { bytes } = sign();
    for (const length of [30, 31, 100, bytes.length - 1]) {
      expect(verifyManifest(bytes.subarray(0, length))).toEqual({ kind: 'invalid', reason: 'malformed' });
    }
    expect(verifyManifest(new Uint8Array([...bytes, 0]))).toEqual({ kind: 'invalid', reason: 'malformed' });
    expect(verifyManifest(new Uint8Array(16 * 1024 + 1))).toEqual({ kind: 'invalid', reason: 'too-large' });
    expect(verifyManifest(new Uint8Array(0))).toEqual({ kind: 'invalid', reason: 'unknown-format' });
    expect(resigned((changed) => (changed[28] = 0x32))).toEqual({
      kind: 'invalid',
      reason: 'unknown-format',
    });
  });

  it('survives random bytes behind its prefix without throwing', () => {
    const prefix = sign().bytes.subarray(0, 30);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 700 }), (tail) => {
        expect(verifyManifest(new Uint8Array([...prefix, ...tail])).kind).toBe('invalid');
      }),
    );
  });

  it('round-trips whatever devices it names', () => {
    const entries = fc
      .uniqueArray(fc.uint8Array({ minLength: 16, maxLength: 16 }).map(idFromBytes), { maxLength: 6 })
      .chain((ids) =>
        fc.tuple(
          ...ids.map((id, index) =>
            fc.record({
              device: fc.constant(id),
              leafKey: fc.constant(key(10 + index).publicKey),
              nameCiphertext: fc.uint8Array({ maxLength: 256 }),
              addedAtS: fc.nat(),
              expiresAtS: fc.integer({ min: 2 ** 31, max: Number.MAX_SAFE_INTEGER }),
            }),
          ),
        ),
      );
    fc.assert(
      fc.property(entries, fc.integer({ min: 1, max: 0xffff_ffff }), (devices, version) => {
        const verdict = verifyManifest(sign({ devices, version }).bytes);
        const ordered = devices.toSorted((left, right) => (left.device < right.device ? -1 : 1));
        expect(verdict).toMatchObject({ kind: 'manifest', manifest: { version, devices: ordered } });
      }),
      { numRuns: 30 },
    );
  });

  it('cannot be signed with content that would not verify', () => {
    expect(() => sign({ version: 0 })).toThrow('malformed');
    expect(() => sign({ version: 2 ** 32 })).toThrow('malformed');
    expect(() => sign({ devices: [device(laptop, 2), device(laptop, 3)] })).toThrow('devices-not-ordered');
    expect(() => sign({ devices: [device(laptop, 2), device(phone, 2)] })).toThrow('key-reused');
    expect(() => sign({ devices: [device(laptop, 1)] })).toThrow('key-reused');
    expect(() => sign({ devices: [{ ...device(laptop, 2), leafKey: new Uint8Array(32) }] })).toThrow(
      'key-unusable',
    );
    expect(() => sign({ devices: [{ ...device(laptop, 2), expiresAtS: 1_800_000_000 }] })).toThrow(
      'lifetime-empty',
    );
    expect(() => sign({ devices: [{ ...device(laptop, 2), nameCiphertext: new Uint8Array(257) }] })).toThrow(
      'malformed',
    );
    expect(() =>
      sign({
        devices: Array.from({ length: 21 }, (_, index) =>
          device(idFromBytes(new Uint8Array(16).fill(index)), 20 + index),
        ),
      }),
    ).toThrow('malformed');
    expect(() => signManifest({ accountKey: key(9), manifest })).toThrow('another account key');
  });
});

describe('the order of manifests', () => {
  const known = sign();

  it('takes a greater version of the same account', () => {
    expect(isNewerManifest({ known, candidate: sign({ version: 4 }) })).toBe(true);
    expect(isNewerManifest({ known, candidate: sign({ version: 900 }) })).toBe(true);
  });

  it('keeps what is known otherwise, and says why', () => {
    const stranger = signManifest({
      accountKey: key(7),
      manifest: { ...manifest, version: 4, accountKey: key(7).publicKey },
    });
    const compare = (candidate: typeof known) => compareManifests({ known, candidate });
    expect(compare(sign())).toBe('same');
    expect(compare(sign({ version: 2 }))).toBe('older');
    expect(compare(sign({ devices: [] }))).toBe('forked');
    expect(compare(stranger)).toBe('account-key-changed');
    expect(compare(sign({ user: phone, version: 4 }))).toBe('other-user');
  });
});

describe('a device proof', () => {
  const secret = new Uint8Array(32).fill(2);
  const challenge = new Uint8Array(32).fill(0x55);
  const input = { context: signInContext, challenge, device: laptop } as const;
  const signature = signDeviceProof({ ...input, leafSecret: secret });
  const proof = { ...input, leafKey: key(2).publicKey, signature };

  it('verifies for its own context, challenge, device and key, and for no other', () => {
    expect(verifyDeviceProof(proof)).toBe(true);
    expect(verifyDeviceProof({ ...proof, context: refreshContext })).toBe(false);
    expect(verifyDeviceProof({ ...proof, challenge: new Uint8Array(32) })).toBe(false);
    expect(verifyDeviceProof({ ...proof, device: phone })).toBe(false);
    expect(verifyDeviceProof({ ...proof, leafKey: key(3).publicKey })).toBe(false);
  });

  it('is false for keys and signatures of a wrong length', () => {
    expect(verifyDeviceProof({ ...proof, leafKey: new Uint8Array(31) })).toBe(false);
    expect(verifyDeviceProof({ ...proof, signature: signature.subarray(1) })).toBe(false);
  });

  it('does not take bytes of the challenge for the device', () => {
    expect(() => verifyDeviceProof({ ...proof, challenge: new Uint8Array(0) })).toThrow(RangeError);
    expect(() => verifyDeviceProof({ ...proof, challenge: new Uint8Array(257) })).toThrow(RangeError);
  });
});
