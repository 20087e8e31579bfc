/** Whether a text has what is asked for, in the world's scripts. Pure: nothing is faked. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hasTerms, indexedWords, maxQueryCharacters, rangesOf, termsOf } from './query.js';
import { wordsOf } from './words.js';

const finds = (query: string, text: string): boolean => hasTerms(indexedWords(text), termsOf(query));
const marked = (query: string, text: string): readonly string[] | null =>
  rangesOf(text, termsOf(query))?.map(({ start, end }) => text.slice(start, end)) ?? null;

/** As people see them: with their marks, which make another letter of some. */
const characters = new Intl.Segmenter();
/** Letters and marks of many scripts, and what stands between words. */
const anyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(...'aéÉßςΣİıﬁЙяоשׁلاأـ\u064bकिखी한국東京かガｶﾞไทย½㈱🎉 \u200b\u200c\u00ad.,-\u0301\n'),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(''));

describe('a text', () => {
  it.each([
    ['mee', 'The Meeting is at noon'],
    ['NOON meet', 'The meeting is at noon'],
    ['cafe', 'Le Café des Amis'],
    ['café', 'le cafe\u0301, le cafe'],
    ['amis', "C'est l’amis"],
    ['strasse', 'Hauptstraße? Straße 4'],
    ['istanbul', 'İSTANBUL ıssız'],
    ['οδός', 'Η ΟΔΟΣ'],
    ['елка', 'Ёлка'],
    ['ﬁn', 'Final'],
    ['ＦＵＬＬ', 'full width'],
    ['احمد', 'قال أَحْمَد'],
    ['مرحبا', 'مـــرحبـا بكم'],
    ['مدرسه', 'المدرسة مدرسة'],
    ['کتاب', 'كتاب'],
    ['میخواهم', 'می\u200cخواهم'],
    ['שלום', 'שָׁלוֹם עליכם'],
    ['हिन्', 'यह हिन्दी है'],
    ['한국', '한국어'],
    ['東京', '私は東京に住んでいます'],
    ['ガ', 'ｶﾞｲﾄﾞ'],
    ['ไทย', 'ภาษาไทยง่าย'],
    ['tokyo 東', '東京 is Tokyo'],
    ['🎉', 'done 🎉!'],
    ['2027', '1.12.2027'],
    ['example', 'ana@example.org'],
  ])('is found by %s: %s', (query, text) => {
    expect(finds(query, text)).toBe(true);
    expect(marked(query, text)).not.toBeNull();
  });

  it.each([
    ['eeting', 'meeting'],
    ['meeting dinner', 'the meeting'],
    ['京東', '東京'],
    ['東京', '京都の東'],
    ['हिन्', 'हान'],
    ['が', 'か'],
  ])('is not found by %s: %s', (query, text) => {
    expect(finds(query, text)).toBe(false);
    expect(marked(query, text)).toBeNull();
  });

  it('is found by every beginning of each of its words, and all of them together', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const words = [...wordsOf(text)].slice(0, 16);
        fc.pre(words.length > 0);
        for (const { start, end } of words) {
          const [first] = characters.segment(text.slice(start, end));
          expect(finds(text.slice(start, end), text)).toBe(true);
          if (/^\p{L}/u.test(first?.segment ?? '')) expect(finds(first?.segment ?? '', text)).toBe(true);
        }
        expect(finds(words.map(({ start, end }) => text.slice(start, end)).join('\n'), text)).toBe(true);
      }),
      { examples: [['かﾞ']] },
    );
  });

  it('is marked where and only where the index finds it', () => {
    fc.assert(
      fc.property(anyText, fc.nat(40), fc.nat(8), anyText, (text, from, length, other) => {
        const terms = termsOf(text.slice(from, from + length) + (length % 2 === 0 ? '' : ` ${other}`));
        expect(rangesOf(text, terms) !== null).toBe(hasTerms(indexedWords(text), terms));
      }),
    );
  });

  it('is marked at whole words, in its own letters', () => {
    expect(marked('caf', 'Un Café, deux cafés')).toEqual(['Café', 'cafés']);
    expect(marked('東京', '東京と東京')).toEqual(['東京', '東京']);
    expect(marked('amis le', 'Le café des Amis')).toEqual(['Le', 'Amis']);
  });

  it('is indexed in words of letters, digits, marks and pictures only, each behind a space', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(indexedWords(text)).toMatch(/^(?: [\p{L}\p{N}\p{M}\p{Extended_Pictographic}]+)*$/u);
      }),
    );
  });
});

describe('a query', () => {
  it('of nothing that can be a word has no terms', () => {
    expect(termsOf(' …?! \u0301\u200d ')).toEqual([]);
  });

  it('is cut where nobody types on', () => {
    expect(termsOf('a'.repeat(100_000))).toEqual([['a'.repeat(maxQueryCharacters)]]);
    expect(termsOf('a '.repeat(100_000)).length).toBeLessThanOrEqual(16);
  });
});
