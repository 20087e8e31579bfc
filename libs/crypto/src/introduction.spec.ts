import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { generateInviteToken, introductionProof, isIntroductionProof } from './introduction.js';

const host = { user: '11111111-1111-4111-8111-111111111111', accountKey: new Uint8Array(32).fill(1) };
const guest = { user: '22222222-2222-4222-8222-222222222222', accountKey: new Uint8Array(32).fill(2) };
const token = new Uint8Array(16).fill(3);
const introduction = { token, host, guest };
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const anyPerson = fc.record({ user: fc.uuid(), accountKey: bytes(32) });

function flipped(input: Uint8Array, bit: number): Uint8Array {
  const copy = input.slice();
  copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
}

describe('the proof of an introduction', () => {
  it('is frozen, and that of HMAC-SHA-256 over what it binds', async () => {
    const proof = introductionProof(introduction);
    expect(Buffer.from(proof).toString('hex')).toMatchInlineSnapshot(`"fc948b7da46b32639c043a4082a8b707"`);
    const said = Buffer.concat([
      Buffer.from('CipherChat introduction v1\0'),
      Buffer.from(host.user.replaceAll('-', ''), 'hex'),
      host.accountKey,
      Buffer.from(guest.user.replaceAll('-', ''), 'hex'),
      guest.accountKey,
    ]);
    const algorithm = { name: 'HMAC', hash: 'SHA-256' };
    const key = await crypto.subtle.importKey('raw', token, algorithm, false, ['sign']);
    expect(new Uint8Array(await crypto.subtle.sign('HMAC', key, said)).slice(0, 16)).toEqual(proof);
  });

  it('is known by who holds the token, and by nobody who holds another', () => {
    fc.assert(
      fc.property(anyPerson, anyPerson, bytes(16), bytes(16), (one, other, mine, theirs) => {
        fc.pre(Buffer.compare(mine, theirs) !== 0);
        const of = { host: one, guest: other };
        const proof = introductionProof({ ...of, token: mine });
        expect(proof).toHaveLength(16);
        expect(isIntroductionProof({ ...of, token: mine, proof })).toBe(true);
        expect(isIntroductionProof({ ...of, token: theirs, proof })).toBe(false);
      }),
    );
  });

  it('is no proof for another guest or host, nor when either has another account key, nor the other way round', () => {
    const proof = introductionProof(introduction);
    const third = { user: '33333333-3333-4333-8333-333333333333', accountKey: new Uint8Array(32).fill(4) };
    for (const other of [
      { guest: third },
      { host: third },
      { guest: { ...guest, user: third.user } },
      { guest: { ...guest, accountKey: third.accountKey } },
      { host: { ...host, accountKey: third.accountKey } },
      { host: guest, guest: host },
    ])
      expect(isIntroductionProof({ ...introduction, ...other, proof })).toBe(false);
  });

  it('is none with any bit of it or of the token flipped, cut off, longer, or empty', () => {
    const proof = introductionProof(introduction);
    for (let bit = 0; bit < 128; bit++) {
      expect(isIntroductionProof({ ...introduction, proof: flipped(proof, bit) })).toBe(false);
      expect(isIntroductionProof({ ...introduction, token: flipped(token, bit), proof })).toBe(false);
    }
    for (const wrong of [proof.subarray(0, 15), Uint8Array.of(...proof, 0), new Uint8Array(0)])
      expect(isIntroductionProof({ ...introduction, proof: wrong })).toBe(false);
  });

  it('is made of nothing that has a wrong length, and leaves what it is made of alone', () => {
    const short = new Uint8Array(15);
    expect(() => introductionProof({ ...introduction, token: short })).toThrow(RangeError);
    expect(() => introductionProof({ ...introduction, token: new Uint8Array(17) })).toThrow(RangeError);
    expect(() => introductionProof({ ...introduction, guest: { ...guest, accountKey: short } })).toThrow(
      RangeError,
    );
    expect(() => introductionProof({ ...introduction, host: { ...host, user: 'ana' } })).toThrow(RangeError);
    introductionProof(introduction);
    expect([token, host.accountKey, guest.accountKey]).toEqual([
      new Uint8Array(16).fill(3),
      new Uint8Array(32).fill(1),
      new Uint8Array(32).fill(2),
    ]);
  });
});

describe('the token of an invite', () => {
  it('is 16 bytes of what is random, and nothing else', () => {
    expect(generateInviteToken((length) => new Uint8Array(length).fill(9))).toEqual(
      new Uint8Array(16).fill(9),
    );
  });
});
