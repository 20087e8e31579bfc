import { describe, expect, it } from '@jest/globals';
import { textOfBytes, unicodeLines } from './book.js';
import { Ledger, percentile } from './ledger.js';

function ledgerOf(shown: ReadonlyArray<readonly [id: string, by: string, text?: string]>): Ledger {
  const ledger = new Ledger();
  for (const [index, id] of ['a', 'b', 'c'].entries())
    ledger.write({ id, from: 'anna', to: ['ben'], text: `text ${id}`, atMs: index * 10, online: index < 2 });
  for (const [id, by, text] of shown) ledger.show({ id, by, text: text ?? `text ${id}`, atMs: 100 });
  return ledger;
}

describe('the ledger of the demo', () => {
  it('counts nothing wrong when everything came once and in order', () => {
    const ledger = ledgerOf([
      ['a', 'ben'],
      ['b', 'ben'],
      ['c', 'ben'],
    ]);
    expect(ledger.isComplete).toBe(true);
    expect(ledger.reckon()).toEqual({
      written: 3,
      expected: 3,
      shown: 3,
      bytes: 18,
      lost: 0,
      outOfOrder: 0,
      shownTwice: 0,
      changed: 0,
      strangers: 0,
      delaysMs: [90, 100],
    });
  });

  it.each([
    [
      'lost',
      [
        ['a', 'ben'],
        ['c', 'ben'],
      ],
      { lost: 1 },
    ],
    [
      'out of order',
      [
        ['b', 'ben'],
        ['a', 'ben'],
        ['c', 'ben'],
      ],
      { outOfOrder: 1 },
    ],
    [
      'shown twice',
      [
        ['a', 'ben'],
        ['b', 'ben'],
        ['b', 'ben'],
        ['c', 'ben'],
      ],
      { shownTwice: 1 },
    ],
    [
      'changed on the way',
      [
        ['a', 'ben'],
        ['b', 'ben', 'text B'],
        ['c', 'ben'],
      ],
      { changed: 1 },
    ],
    [
      'shown to somebody else',
      [
        ['a', 'ben'],
        ['b', 'ben'],
        ['c', 'ben'],
        ['c', 'cleo'],
      ],
      { strangers: 1 },
    ],
    [
      'from nobody',
      [
        ['a', 'ben'],
        ['b', 'ben'],
        ['c', 'ben'],
        ['x', 'ben'],
      ],
      { strangers: 1 },
    ],
  ] as const)('counts a message that was %s', (_, shown, expected) => {
    const { lost, outOfOrder, shownTwice, changed, strangers } = ledgerOf(shown).reckon();
    expect({ lost, outOfOrder, shownTwice, changed, strangers }).toEqual({
      lost: 0,
      outOfOrder: 0,
      shownTwice: 0,
      changed: 0,
      strangers: 0,
      ...expected,
    });
  });

  it('is not complete while something is missing', () => {
    expect(ledgerOf([['a', 'ben']]).isComplete).toBe(false);
  });

  it('takes percentiles from above', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
    expect([percentile(hundred, 0.5), percentile(hundred, 0.99), percentile([7], 0.99)]).toEqual([50, 99, 7]);
    expect(percentile([], 0.5)).toBeNaN();
  });
});

describe('the texts of the demo', () => {
  it('have the length in bytes that is asked for, wherever a character ends', () => {
    const chapters = [{ chapter: '1', title: '', text: 'naïve—café '.repeat(20) }];
    for (let length = 50; length < 80; length++)
      expect(Buffer.byteLength(textOfBytes(chapters, length))).toBe(length);
  });

  it('hold emoji and scripts that run from right to left', () => {
    const all = unicodeLines.join('');
    expect(all).toMatch(/\p{Extended_Pictographic}/u);
    expect(all).toMatch(/\p{Script=Hebrew}/u);
    expect(all).toMatch(/\p{Script=Arabic}/u);
  });
});
