import { describe, expect, it } from '@jest/globals';
import { compareSafetyCode, safetyCode, safetyNumber } from './safety-number.js';

const ana = { user: '11111111-1111-4111-8111-111111111111', accountKey: new Uint8Array(32).fill(1) };
const ben = { user: '22222222-2222-4222-8222-222222222222', accountKey: new Uint8Array(32).fill(2) };
const eve = { user: '33333333-3333-4333-8333-333333333333', accountKey: new Uint8Array(32).fill(3) };

describe('a safety number', () => {
  it('is the same from both sides, and frozen', () => {
    const number = safetyNumber(ana, ben);
    expect(safetyNumber(ben, ana)).toBe(number);
    expect(number).toMatch(/^(\d{5} ){11}\d{5}$/);
    expect(number).toMatchInlineSnapshot(
      `"21824 02748 62988 78850 13514 56031 85558 46187 48492 40567 58805 35494"`,
    );
  });

  it('keeps a person’s half in every conversation', () => {
    expect(safetyNumber(ana, eve).slice(0, 35)).toBe(safetyNumber(ana, ben).slice(0, 35));
  });

  it('changes with a key, and with whose key it is', () => {
    const number = safetyNumber(ana, ben);
    const flipped = ben.accountKey.slice();
    flipped[31]! ^= 0x80;
    expect(safetyNumber(ana, { ...ben, accountKey: flipped })).not.toBe(number);
    expect(safetyNumber(ana, { ...ben, user: eve.user }).slice(36)).not.toBe(number.slice(36));
    expect(
      safetyNumber({ ...ana, accountKey: ben.accountKey }, { ...ben, accountKey: ana.accountKey }),
    ).not.toBe(number);
  });

  it('is refused for one person, or a key of a wrong length', () => {
    expect(() => safetyNumber(ana, ana)).toThrow(RangeError);
    expect(() => safetyNumber(ana, { ...ben, accountKey: new Uint8Array(31) })).toThrow(RangeError);
  });
});

describe('a safety code', () => {
  it('is the same from both sides, and frozen', () => {
    expect(safetyCode(ben, ana)).toBe(safetyCode(ana, ben));
    expect(safetyCode(ana, ben)).toMatchInlineSnapshot(
      `"CIPHERCHAT-SAFETY-1:111111111111411181111111111111110101010101010101010101010101010101010101010101010101010101010101222222222222422282222222222222220202020202020202020202020202020202020202020202020202020202020202"`,
    );
  });

  it('matches only the same two people with the same keys', () => {
    const scanned = safetyCode(ben, ana);
    expect(compareSafetyCode({ scanned, own: ana, other: ben })).toBe('match');
    expect(compareSafetyCode({ scanned, own: ana, other: { ...ben, accountKey: eve.accountKey } })).toBe(
      'keys-differ',
    );
    expect(compareSafetyCode({ scanned, own: { ...ana, accountKey: eve.accountKey }, other: ben })).toBe(
      'keys-differ',
    );
    expect(compareSafetyCode({ scanned, own: ana, other: eve })).toBe('other-people');
  });

  it('is malformed when it is anything else', () => {
    const scanned = safetyCode(ana, ben);
    for (const text of [
      '',
      'https://example.org',
      scanned.slice(0, -1),
      `${scanned}0`,
      scanned.toLowerCase(),
      scanned.replace('-1:', '-2:'),
      `${scanned.slice(0, -1)}G`,
    ]) {
      expect(compareSafetyCode({ scanned: text, own: ana, other: ben })).toBe('malformed');
    }
  });
});
