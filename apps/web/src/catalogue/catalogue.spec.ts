import { describe, expect, it } from '@jest/globals';
import { ar } from './ar.js';
import { en } from './en.js';
import { isolating } from './isolate.js';
import type { Sentences } from './sentences.js';

type Sentence = string | ((...inserted: readonly unknown[]) => string);

const catalogues: readonly (readonly [language: string, sentences: Sentences])[] = [
  ['English', en],
  ['Arabic', ar],
];
/** One of each form of the Arabic plural, which has the most. */
const numbers = [0, 1, 2, 3, 11, 100];
const names = ['⟨first⟩', '⟨second⟩'];

/** Every sentence by the path of its key. */
function sentencesOf(entry: unknown, path = ''): ReadonlyMap<string, Sentence> {
  if (typeof entry === 'string' || typeof entry === 'function') return new Map([[path, entry as Sentence]]);
  const parts = Object.entries(entry as object).map(([key, value]) => sentencesOf(value, `${path}/${key}`));
  return new Map(parts.flatMap((part) => [...part]));
}

/** What is inserted is a name and an amount at once: the sentence takes what it wants. */
function said(sentence: Sentence, value: number): string {
  if (typeof sentence === 'string') return sentence;
  const both = names.map((name) => ({ toString: () => name, value, text: `⟦${value}⟧` }));
  return sentence(...both);
}

function inserted(sentence: Sentence): readonly string[] {
  const text = said(sentence, 100);
  return [...names, '⟦100⟧'].filter((part) => text.includes(part));
}

describe.each(catalogues)('the catalogue in %s', (_, catalogue) => {
  const sentences = sentencesOf(catalogue);

  it('says everything that the English one says, and nothing else', () => {
    expect([...sentences.keys()].sort()).toEqual([...sentencesOf(en).keys()].sort());
  });

  it.each([...sentences])('%s has a text, in whole, for every number', (_path, sentence) => {
    for (const value of numbers) {
      expect(said(sentence, value)).toMatch(/^\S(?:.*\S)?$/su);
      expect(said(sentence, value)).not.toMatch(/undefined|\[object|#/u);
    }
  });

  it.each([...sentencesOf(en)])('%s tells the names and numbers that it is given', (path, english) => {
    expect(inserted(sentences.get(path) ?? '')).toEqual(inserted(english));
  });
});

describe('Arabic', () => {
  const latin = /[a-z]+/giu;
  const ownNames = new Set(['CipherChat', 'QR']);

  it.each([...sentencesOf(ar)])('%s has no word left in another script', (_path, sentence) => {
    const words = numbers.flatMap(
      (value) => said(sentence, value).replaceAll(/⟨\w+⟩/gu, '').match(latin) ?? [],
    );
    expect(words.filter((word) => !ownNames.has(word))).toEqual([]);
  });

  it.each([...sentencesOf(ar)].filter(([, sentence]) => inserted(sentence).includes('⟦100⟧')))(
    '%s says one and two without a digit, and each in its own form',
    (_path, sentence) => {
      const [, one = '', two = ''] = numbers.map((value) => said(sentence, value));
      expect(one).not.toContain('⟦');
      expect(two).not.toContain('⟦');
      expect(one).not.toBe(two);
    },
  );
});

describe('Arabic durations', () => {
  const timer = isolating(ar, 'rtl').disappearing;
  const duration = (value: number, unit: string): string =>
    new Intl.NumberFormat('ar', { style: 'unit', unit, unitDisplay: 'long' }).format(value);

  it.each(['second', 'minute', 'hour', 'day', 'week'])('take the form of two after “after”: %s', (unit) => {
    const two = duration(2, unit);
    expect(two).toMatch(/ان$/u);
    const sentences = [
      timer.inForce(two),
      timer.mark(two),
      timer.set('ann', two),
      timer.youSet(two),
      timer.told(two),
    ];
    for (const sentence of sentences) {
      expect(sentence).toContain(`بعد \u2068${two.replace(/ان$/u, 'ين')}\u2069`);
      expect(sentence).not.toContain(two);
    }
    for (const value of [1, 3, 11, 100])
      expect(timer.told(duration(value, unit))).toContain(`بعد \u2068${duration(value, unit)}\u2069`);
  });
});

describe('a name within a sentence', () => {
  const withNames = (sentences: Sentences, inserts: readonly string[]): readonly string[] =>
    [...sentencesOf(sentences)].flatMap(([, sentence]) =>
      typeof sentence === 'function' && inserted(sentence).includes('⟨first⟩')
        ? [
            sentence(
              ...inserts.map((name, at) => (inserted(sentence).includes(names[at] ?? '') ? name : amount)),
            ),
          ]
        : [],
    );
  const amount = { value: 3, text: '3' };

  it('is isolated in every Arabic sentence, whatever its script', () => {
    const texts = withNames(isolating(ar, 'rtl'), ['ann', 'سلمى']);
    expect(texts.length).toBeGreaterThan(20);
    for (const text of texts) {
      expect(text).toContain('\u2068ann\u2069');
      expect(text.replaceAll(/\u2068(?:ann|سلمى)\u2069/gu, '')).not.toMatch(/ann|سلمى|[\u2066-\u2069]/u);
    }
  });

  it('is isolated in every English sentence when it is written from right to left', () => {
    const texts = withNames(isolating(en, 'ltr'), ['سلمى', 'ann']);
    for (const text of texts) expect(text).toContain('\u2068سلمى\u2069');
  });

  it('stays plain text in English when it is written as English is', () => {
    for (const text of withNames(isolating(en, 'ltr'), ['ann', 'bob']))
      expect(text).not.toMatch(/[\u2066-\u2069]/u);
  });
});
