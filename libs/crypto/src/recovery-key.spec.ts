import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { generateAccountKey } from './account-key.js';
import {
  decodeRecoveryKey,
  encodeRecoveryKey,
  isRecoveryKeyOf,
  openRecoveryRecord,
  recoveryLookup,
  recoveryLookupHash,
  sealRecoveryRecord,
  signRecoveryRecord,
} from './recovery-key.js';
import { recoveryRecordBytes, verifyRecoveryRecord } from './verify/index.js';

const counting = (length: number) => Uint8Array.from({ length }, (_, index) => index);
const user = '11111111-1111-4111-8111-111111111111';
const other = '22222222-2222-4222-8222-222222222222';
const accountKey = generateAccountKey((length) => counting(length).map((byte) => byte + 100));
const recoveryKey = new Uint8Array(32).fill(7);
const record = sealRecoveryRecord({ recoveryKey, accountKey, user, version: 1, random: counting });
const anyKey = fc.uint8Array({ minLength: 32, maxLength: 32 });
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('a recovery key as text', () => {
  it('is frozen', () => {
    expect(encodeRecoveryKey(recoveryKey)).toMatchInlineSnapshot(
      `"0W3G-E1R7-0W3G-E1R7-0W3G-E1R7-0W3G-E1R7-0W3G-E1R7-0W3G-E1R7-0W3S-39P4"`,
    );
  });

  it('is read back, whatever it is, and however it was copied', () => {
    fc.assert(
      fc.property(anyKey, (key) => {
        const text = encodeRecoveryKey(key);
        expect(text).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){13}[0-9A-HJKMNP-TV-Z]{4}$/);
        const copies = [
          text,
          text.toLowerCase(),
          ` ${text.replaceAll('-', ' ')}\n`,
          text.replaceAll('0', 'O').replaceAll('1', 'l'),
        ];
        for (const copy of copies) expect(decodeRecoveryKey(copy)).toEqual({ kind: 'key', key });
      }),
    );
  });

  it('is malformed with any one symbol mistyped, two swapped, cut off or longer', () => {
    const text = encodeRecoveryKey(counting(32));
    for (let index = 0; index < text.length; index++) {
      const symbol = text[index]!;
      if (symbol === '-') continue;
      for (const wrong of '0Z*U')
        if (wrong !== symbol)
          expect(decodeRecoveryKey(text.slice(0, index) + wrong + text.slice(index + 1)).kind).toBe(
            'malformed',
          );
      const next = text[index + 1];
      if (next !== undefined && next !== '-' && next !== symbol)
        expect(decodeRecoveryKey(text.slice(0, index) + next + symbol + text.slice(index + 2)).kind).toBe(
          'malformed',
        );
      expect(decodeRecoveryKey(text.slice(0, index)).kind).toBe('malformed');
    }
    for (const longer of [`${text}0`, `${text}-0000-0000`, text.repeat(2), 'A'.repeat(10_000)])
      expect(decodeRecoveryKey(longer).kind).toBe('malformed');
  });

  it('is never read from what was not made as one, and reading throws nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (text) => {
        expect(decodeRecoveryKey(text).kind).toBe('malformed');
      }),
    );
    expect(() => encodeRecoveryKey(new Uint8Array(31))).toThrow(RangeError);
  });
});

describe('a recovery record', () => {
  it('is frozen: what of the recovery key reaches the server, and the record', () => {
    expect(hex(recoveryLookup(recoveryKey))).toMatchInlineSnapshot(
      `"e734fda74d897de7a9d8fe7ece0314fbf3d2f72c4718f945956ed1969cec13e5"`,
    );
    expect(hex(record.bytes)).toMatchInlineSnapshot(
      `"43697068657243686174207265636f76657279207265636f726420763100111111111111411181111111111111110bbc346a57667c380120bd9c7fd7e51d2c5fdfea37cd2f5bf405b2c6bf6f2d7800000001b8ad350803fd936c0556898fb29c4440a50048a8a3acf2677f77e7fda8f8c2d7000102030405060708090a0bfdb5cd9014a8510752ced84aeb18cdaf422c30ec43a845ceacf516d33cc67d3a6006957eadfa735d09569cdd90b1a82cd66ce92e3c0266996e47b7674166c031ea5caf205dc580b40f2d5dd17ab0bd247785abed2978be039b715c7803ca3f45823336ae9335984bc3e8b13450b74f0c"`,
    );
    expect(record.bytes).toHaveLength(recoveryRecordBytes);
  });

  it('gives the account key to who has the recovery key', () => {
    const verdict = verifyRecoveryRecord(record.bytes);
    if (verdict.kind !== 'record') throw new Error(verdict.reason);
    expect(openRecoveryRecord({ recoveryKey, record: verdict.record })).toEqual(accountKey);
    expect(isRecoveryKeyOf(recoveryKey, record)).toBe(true);
    expect(record.lookupHash).toEqual(recoveryLookupHash(recoveryLookup(recoveryKey)));
  });

  it('gives it to nobody else', () => {
    fc.assert(
      fc.property(anyKey, (wrong) => {
        fc.pre(hex(wrong) !== hex(recoveryKey));
        expect(openRecoveryRecord({ recoveryKey: wrong, record })).toBeNull();
        expect(isRecoveryKeyOf(wrong, record)).toBe(false);
      }),
    );
    // What the server has seen of the recovery key opens nothing.
    for (const seen of [recoveryLookup(recoveryKey), record.lookupHash])
      expect(openRecoveryRecord({ recoveryKey: seen, record })).toBeNull();
  });

  it('has no readable bit of the account secret or the recovery key in it', () => {
    for (const secret of [accountKey.secret, recoveryKey])
      for (let at = 0; at + 8 <= secret.length; at++)
        expect(hex(record.bytes)).not.toContain(hex(secret.subarray(at, at + 8)));
  });

  it('does not verify with any bit of it flipped', () => {
    for (let bit = 0; bit < record.bytes.length * 8; bit++) {
      const flipped = record.bytes.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect([bit, verifyRecoveryRecord(flipped).kind]).toEqual([bit, 'invalid']);
    }
    for (const length of [0, 1, 100, recoveryRecordBytes - 1])
      expect(verifyRecoveryRecord(record.bytes.subarray(0, length)).kind).toBe('invalid');
    expect(verifyRecoveryRecord(Uint8Array.of(...record.bytes, 0)).kind).toBe('invalid');
  });

  it('does not open when it was sealed for another user, or holds another key than signed it', () => {
    const moved = signRecoveryRecord({ accountKey, record: { ...record, user: other } });
    expect(openRecoveryRecord({ recoveryKey, record: moved })).toBeNull();
    const mallory = generateAccountKey((length) => new Uint8Array(length).fill(9));
    const swapped = signRecoveryRecord({
      accountKey: mallory,
      record: { ...record, accountKey: mallory.publicKey },
    });
    expect(openRecoveryRecord({ recoveryKey, record: swapped })).toBeNull();
  });

  it('is not signed by another key, nor with lengths or versions that are none', () => {
    const mallory = generateAccountKey((length) => new Uint8Array(length).fill(9));
    expect(() => signRecoveryRecord({ accountKey: mallory, record })).toThrow(RangeError);
    for (const wrong of [
      { version: 0 },
      { version: 1.5 },
      { version: 2 ** 32 },
      { sealed: new Uint8Array(59) },
      { lookupHash: new Uint8Array(31) },
      { user: 'ana' },
    ])
      expect(() => signRecoveryRecord({ accountKey, record: { ...record, ...wrong } })).toThrow(RangeError);
  });

  it('can take a greater version without being sealed again', () => {
    const newer = signRecoveryRecord({ accountKey, record: { ...record, version: 2 } });
    expect(openRecoveryRecord({ recoveryKey, record: newer })).toEqual(accountKey);
  });
});
