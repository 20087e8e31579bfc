import { describe, expect, it } from '@jest/globals';
import { ed25519 } from '@noble/curves/ed25519.js';
import { isUsablePublicKey, isValidSignature } from './ed25519.js';

const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));

/** RFC 8032 §7.1, tests 1 to 3. */
const published = [
  {
    secret: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    publicKey: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    message: '',
    signature:
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  },
  {
    secret: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    publicKey: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    message: '72',
    signature:
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  },
  {
    secret: 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    publicKey: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    message: 'af82',
    signature:
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  },
];

/** The group order L, little-endian: S + L is the same scalar in another encoding (RFC 8032 §8.4). */
const order = (1n << 252n) + 27742317777372353535851937790883648493n;

function withUnreducedScalar(signature: Uint8Array): Uint8Array {
  const scalar = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`) + order;
  return Uint8Array.of(
    ...signature.subarray(0, 32),
    ...Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex').reverse(),
  );
}

describe('Ed25519', () => {
  it.each(published)('signs and verifies as RFC 8032 §7.1 publishes for message "$message"', (vector) => {
    const [secret, publicKey, message, signature] = [
      vector.secret,
      vector.publicKey,
      vector.message,
      vector.signature,
    ].map(hex);
    expect(ed25519.getPublicKey(secret!)).toEqual(publicKey);
    expect(ed25519.sign(message!, secret!)).toEqual(signature);
    expect(isValidSignature({ publicKey: publicKey!, message: message!, signature: signature! })).toBe(true);
  });

  it('refuses the same signature with its scalar not reduced', () => {
    const { publicKey, message, signature } = published[1]!;
    const malleable = withUnreducedScalar(hex(signature));
    expect(isValidSignature({ publicKey: hex(publicKey), message: hex(message), signature: malleable })).toBe(
      false,
    );
  });

  it('refuses a key of small order, for which one signature fits every message', () => {
    const smallOrder = hex('ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f');
    const signature = Uint8Array.of(1, ...new Uint8Array(63));
    const zero = Uint8Array.of(1, ...new Uint8Array(31));
    for (const publicKey of [smallOrder, zero]) {
      // What the lax rule would accept, to show that the strict one is what refuses.
      expect(
        ed25519.verify(signature, hex('00'), publicKey, { zip215: true }) ||
          ed25519.verify(signature, hex('01'), publicKey, { zip215: true }),
      ).toBe(true);
      for (const message of [hex('00'), hex('01')])
        expect(isValidSignature({ publicKey, message, signature })).toBe(false);
      expect(isUsablePublicKey(publicKey)).toBe(false);
    }
  });

  it('refuses keys that are not canonical points', () => {
    expect(isUsablePublicKey(hex(published[0]!.publicKey))).toBe(true);
    expect(isUsablePublicKey(new Uint8Array(32).fill(0xff))).toBe(false);
    expect(isUsablePublicKey(new Uint8Array(31))).toBe(false);
    expect(isUsablePublicKey(Uint8Array.of(2, ...new Uint8Array(31)))).toBe(false);
  });
});
