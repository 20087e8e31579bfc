import { describe, expect, it } from '@jest/globals';
import { gcm } from '@noble/ciphers/aes.js';
import { argon2id } from '@noble/hashes/argon2.js';
import fc from 'fast-check';
import { lockKey, passphraseParameters, unlockKey } from './locked-key.js';
import { openRecord, sealRecord } from './sealed-record.js';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const counting = () => {
  let calls = 0;
  return (length: number) => new Uint8Array(length).fill(++calls);
};
const recordKey = new Uint8Array(32).fill(9);
const place = { table: 'groups', key: 'a' };

describe('a sealed record', () => {
  it('opens in its own place with its own key, whatever its content', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.string(),
        fc.string({ maxLength: 30 }),
        (value, table, key) => {
          const sealed = sealRecord({ recordKey, place: { table, key }, value, random: counting() });
          expect(openRecord({ recordKey, place: { table, key }, sealed })).toEqual({ kind: 'record', value });
        },
      ),
    );
  });

  it('does not open in another place, even where table and key join to the same text', () => {
    const sealed = sealRecord({
      recordKey,
      place: { table: 'ab', key: 'c' },
      value: Uint8Array.of(1),
      random: counting(),
    });
    for (const other of [
      { table: 'a', key: 'bc' },
      { table: 'ab', key: 'd' },
      { table: 'abc', key: '' },
    ]) {
      expect(openRecord({ recordKey, place: other, sealed })).toEqual({
        kind: 'failure',
        code: 'not-authentic',
      });
    }
  });

  it('does not open with another key or any flipped bit', () => {
    const sealed = sealRecord({ recordKey, place, value: Uint8Array.of(1, 2), random: counting() });
    expect(openRecord({ recordKey: new Uint8Array(32), place, sealed })).toMatchObject({
      code: 'not-authentic',
    });
    for (let bit = 8; bit < sealed.length * 8; bit++) {
      const changed = sealed.slice();
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(openRecord({ recordKey, place, sealed: changed })).toMatchObject({ code: 'not-authentic' });
    }
    expect(openRecord({ recordKey, place, sealed: sealed.subarray(0, 20) })).toMatchObject({
      code: 'not-authentic',
    });
    expect(openRecord({ recordKey, place, sealed: new Uint8Array(0) })).toMatchObject({ code: 'malformed' });
    expect(openRecord({ recordKey, place, sealed: Uint8Array.of(2, ...sealed.subarray(1)) })).toMatchObject({
      code: 'malformed',
    });
  });

  it('has a frozen layout', () => {
    expect(
      hex(sealRecord({ recordKey, place, value: Uint8Array.of(1, 2, 3), random: counting() })),
    ).toMatchInlineSnapshot(`"01010101010101010101010101b87282839ad37c13b3c7dbdb9f8fbe73d9631f"`);
  });
});

describe('a key locked with a passphrase', () => {
  // The default takes a second each time, and many times that inside the test runner.
  const parameters = { memoryKib: 64, passes: 1, lanes: 1 };
  const key = new Uint8Array(32).fill(3);
  const locked = lockKey({ key, passphrase: 'häßlich', parameters, random: counting() });

  it('has a frozen layout', () => {
    expect(hex(locked)).toMatchInlineSnapshot(
      `"01000000400000000100000001010101010101010101010101010101010202020202020202020202023936890b2b86ac4d5b3c6e6343a5d4e4cd5bfb96a18200f629045af90633595c447412d1b76e97cb28240a52546e42ca"`,
    );
  });

  it('unlocks with the passphrase, however its characters were composed', () => {
    expect(unlockKey({ locked, passphrase: 'ha\u0308ßlich' })).toEqual({ kind: 'key', key });
  });

  it('does not unlock with another passphrase or a changed byte of what stands in front', () => {
    expect(unlockKey({ locked, passphrase: 'hässlich' })).toEqual({
      kind: 'failure',
      code: 'wrong-passphrase',
    });
    const otherSalt = locked.slice();
    otherSalt[20]! ^= 1;
    expect(unlockKey({ locked: otherSalt, passphrase: 'häßlich' })).toEqual({
      kind: 'failure',
      code: 'wrong-passphrase',
    });
    expect(unlockKey({ locked: locked.subarray(0, 12), passphrase: 'häßlich' })).toEqual({
      kind: 'failure',
      code: 'malformed',
    });
  });

  it('refuses stored parameters that are too costly or none of Argon2’s, before doing the work', () => {
    const [memory, passes, lanes] = [1, 5, 9];
    for (const [offset, bytes] of [
      [memory, [0xff, 0, 0, 0]],
      [memory, [0, 0, 0, 7]],
      [passes, [0, 0, 1, 0]],
      [passes, [0, 0, 0, 0]],
      [lanes, [0, 0, 0, 0]],
      [lanes, [0, 0, 0, 17]],
    ] as const) {
      const changed = locked.slice();
      changed.set(bytes, offset);
      expect(unlockKey({ locked: changed, passphrase: 'x' })).toEqual({
        kind: 'failure',
        code: 'parameters-refused',
      });
    }
    expect(() =>
      lockKey({ key, passphrase: 'x', parameters: { ...parameters, passes: 17 }, random: counting() }),
    ).toThrow(RangeError);
  });

  it('says its default parameters: RFC 9106 §4, second recommended option', () => {
    expect(passphraseParameters).toEqual({ memoryKib: 65_536, passes: 3, lanes: 4 });
  });
});

describe('the primitives underneath', () => {
  it('give the Argon2id answer of RFC 9106 §5.3', () => {
    const answer = argon2id(new Uint8Array(32).fill(1), new Uint8Array(16).fill(2), {
      t: 3,
      m: 32,
      p: 4,
      dkLen: 32,
      key: new Uint8Array(8).fill(3),
      personalization: new Uint8Array(12).fill(4),
    });
    expect(hex(answer)).toBe('0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659');
  });

  it('give the AES-256-GCM answers of the GCM specification, test cases 13 and 14', () => {
    const cipher = () => gcm(new Uint8Array(32), new Uint8Array(12));
    expect(hex(cipher().encrypt(new Uint8Array(0)))).toBe('530f8afbc74536b9a963b4f1c4cb738b');
    expect(hex(cipher().encrypt(new Uint8Array(16)))).toBe(
      'cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919',
    );
  });
});
