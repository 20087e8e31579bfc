import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeInviteCode, encodeInviteCode } from './invite-code.js';

const ana = { user: '11111111-1111-4111-8111-111111111111', accountKey: new Uint8Array(32).fill(1) };
const plain = { person: ana, token: null };
const secret = { person: ana, token: new Uint8Array(16).fill(2) };
const anyInvite = fc.record({
  person: fc.record({ user: fc.uuid(), accountKey: fc.uint8Array({ minLength: 32, maxLength: 32 }) }),
  token: fc.option(fc.uint8Array({ minLength: 16, maxLength: 16 })),
});

describe('an invite code', () => {
  it('is frozen', () => {
    expect(Buffer.from(encodeInviteCode(plain)).toString('hex')).toMatchInlineSnapshot(
      `"011111111111114111811111111111111101010101010101010101010101010101010101010101010101010101010101016db1e261"`,
    );
    expect(Buffer.from(encodeInviteCode(secret)).toString('hex')).toMatchInlineSnapshot(
      `"011111111111114111811111111111111101010101010101010101010101010101010101010101010101010101010101010202020202020202020202020202020223c4adc5"`,
    );
  });

  it('says whom it was made for, with what token, and leaves its input alone', () => {
    fc.assert(
      fc.property(anyInvite, (invite) => {
        const code = encodeInviteCode(invite);
        const before = code.slice();
        expect(decodeInviteCode(code)).toEqual({ kind: 'person', ...invite });
        expect(code).toEqual(before);
      }),
    );
  });

  it.each([plain, secret])(
    'is malformed with any bit of it flipped, but for a version that is not known',
    (invite) => {
      const code = encodeInviteCode(invite);
      for (let bit = 0; bit < code.length * 8; bit++) {
        const flipped = code.slice();
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        expect([bit, decodeInviteCode(flipped).kind]).toEqual([
          bit,
          flipped[0]! > 1 ? 'newer-version' : 'malformed',
        ]);
      }
    },
  );

  it.each([plain, secret])('is malformed when it is cut off or longer', (invite) => {
    const code = encodeInviteCode(invite);
    for (let length = 0; length < code.length; length++)
      expect([length, decodeInviteCode(code.subarray(0, length)).kind]).toEqual([length, 'malformed']);
    for (let more = 1; more <= 32; more++)
      expect([more, decodeInviteCode(Uint8Array.of(...code, ...new Uint8Array(more))).kind]).toEqual([
        more,
        'malformed',
      ]);
  });

  it('is never read from bytes that were not made as one, and reading throws nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(decodeInviteCode(bytes).kind).not.toBe('person');
      }),
    );
  });

  it('is not made of a key or token of another length, nor for what is no user id', () => {
    const short = new Uint8Array(15);
    expect(() => encodeInviteCode({ ...plain, person: { ...ana, accountKey: new Uint8Array(31) } })).toThrow(
      RangeError,
    );
    expect(() => encodeInviteCode({ ...plain, person: { ...ana, user: 'ana' } })).toThrow(RangeError);
    expect(() => encodeInviteCode({ ...plain, token: short })).toThrow(RangeError);
  });
});
