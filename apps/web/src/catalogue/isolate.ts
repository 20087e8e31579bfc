/**
 * Names and texts stand in our sentences as isolates (UAX #9): a name in the other direction reorders nothing around it.
 * Done here for every sentence of every language, so that no sentence can forget it.
 */
import type { Sentences } from './sentences.js';

export type Direction = 'ltr' | 'rtl';

const firstStrongIsolate = '\u2068';
const popIsolate = '\u2069';

/** Letters and controls of right-to-left scripts. */
const rightToLeft =
  /[\u0590-\u08ff\u200f\u202b\u202e\u2067\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** Left alone where it cannot disturb: a sentence from left to right stays plain text to search for and to copy. */
export function isolate(text: string, direction: Direction): string {
  if (text === '' || (direction === 'ltr' && !rightToLeft.test(text))) return text;
  return `${firstStrongIsolate}${text}${popIsolate}`;
}

/** The same sentences, of which each isolates what is inserted. */
export function isolating(sentences: Sentences, direction: Direction): Sentences {
  return withIsolates(sentences as Entry, direction) as Sentences;
}

type Entry = string | ((...inserted: readonly unknown[]) => string) | { readonly [key: string]: Entry };

function withIsolates(entry: Entry, direction: Direction): Entry {
  if (typeof entry === 'string') return entry;
  if (typeof entry === 'function') {
    return (...inserted) =>
      entry(...inserted.map((value) => (typeof value === 'string' ? isolate(value, direction) : value)));
  }
  return Object.fromEntries(
    Object.entries(entry).map(([key, value]) => [key, withIsolates(value, direction)]),
  );
}
