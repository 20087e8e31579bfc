import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { idFromBytes, idFromRandom, idToBytes, isIdText, userIdSchema, writeIdBytes } from './ids.js';

const sixteen = fc.uint8Array({ minLength: 16, maxLength: 16 });

describe('an id', () => {
  it('is the same as text and as bytes', () => {
    fc.assert(
      fc.property(sixteen, (bytes) => {
        const text = idFromBytes(bytes);
        expect(isIdText(text)).toBe(true);
        expect(userIdSchema.safeParse(text).success).toBe(true);
        expect(idToBytes(text)).toEqual(bytes);
      }),
    );
    expect(idFromBytes(Uint8Array.from({ length: 16 }, (_, index) => index))).toBe(
      '00010203-0405-0607-0809-0a0b0c0d0e0f',
    );
  });

  it('is made of randomness as a version 4 UUID, without changing what it was given', () => {
    const given = new Uint8Array(16).fill(0xff);
    expect(idFromRandom(() => given)).toBe('ffffffff-ffff-4fff-bfff-ffffffffffff');
    expect(given).toEqual(new Uint8Array(16).fill(0xff));
  });

  it('has one text: other spellings are none', () => {
    const good = '0123abcd-0000-4000-8000-00000000abcd';
    for (const text of [
      '',
      good.toUpperCase(),
      good.slice(1),
      `${good}0`,
      good.replaceAll('-', ''),
      `{${good}}`,
      good.replace('-', '_'),
      `${good.slice(0, 35)}g`,
      ` ${good.slice(1)}`,
      `${good.slice(0, 35)}é`,
    ]) {
      expect(isIdText(text)).toBe(false);
      expect(userIdSchema.safeParse(text).success).toBe(false);
      expect(() => idToBytes(text)).toThrow(RangeError);
    }
    expect(isIdText(good)).toBe(true);
  });

  it('is written where it is told to and nowhere else', () => {
    const target = new Uint8Array(20);
    writeIdBytes({ id: 'ffffffff-ffff-ffff-ffff-ffffffffffff', target, offset: 2 });
    expect(target).toEqual(Uint8Array.of(0, 0, ...new Uint8Array(16).fill(0xff), 0, 0));
  });
});
