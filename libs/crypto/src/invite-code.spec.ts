import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeInviteCode, encodeInviteCode } from './invite-code.js';

const ana = { user: '11111111-1111-4111-8111-111111111111', accountKey: new Uint8Array(32).fill(1) };
const anyPerson = fc.record({
  user: fc.uuid(),
  accountKey: fc.uint8Array({ minLength: 32, maxLength: 32 }),
});

describe('an invite code', () => {
  it('is frozen', () => {
    expect(Buffer.from(encodeInviteCode(ana)).toString('hex')).toMatchInlineSnapshot(
      `"011111111111114111811111111111111101010101010101010101010101010101010101010101010101010101010101016db1e261"`,
    );
  });

  it('names the person it was made for, whoever that is, and leaves its input alone', () => {
    fc.assert(
      fc.property(anyPerson, (person) => {
        const code = encodeInviteCode(person);
        const before = code.slice();
        expect(decodeInviteCode(code)).toEqual({ kind: 'person', person });
        expect(code).toEqual(before);
      }),
    );
  });

  it('is malformed with any bit of it flipped, but for a version that is not known', () => {
    const code = encodeInviteCode(ana);
    for (let bit = 0; bit < code.length * 8; bit++) {
      const flipped = code.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect([bit, decodeInviteCode(flipped).kind]).toEqual([
        bit,
        flipped[0]! > 1 ? 'newer-version' : 'malformed',
      ]);
    }
  });

  it('is malformed when it is cut off or longer', () => {
    const code = encodeInviteCode(ana);
    for (let length = 0; length < code.length; length++)
      expect([length, decodeInviteCode(code.subarray(0, length)).kind]).toEqual([length, 'malformed']);
    expect(decodeInviteCode(Uint8Array.of(...code, 0)).kind).toBe('malformed');
  });

  it('is never read from bytes that were not made as one, and reading throws nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(decodeInviteCode(bytes).kind).not.toBe('person');
      }),
    );
  });

  it('is not made of a key of another length, nor for what is no user id', () => {
    expect(() => encodeInviteCode({ ...ana, accountKey: new Uint8Array(31) })).toThrow(RangeError);
    expect(() => encodeInviteCode({ ...ana, user: 'ana' })).toThrow(RangeError);
  });
});
