/**
 * What is asked for, and whether a text has it: each term of the query must begin a word of the text. A run of characters
 * that are words of their own is one term: "東京" does not match a text that has both somewhere.
 */
import { wordsOf, type TextRange, type Word } from './words.js';

/** A longer query is cut: nobody types one, and every term costs a look at every text. */
export const maxQueryCharacters = 256;
const maxTerms = 16;
/** Of one text: more than that is not shown at once. */
const maxRanges = 64;

/** Words that follow on each other, the last of which may go on. */
export type Term = readonly string[];

export function termsOf(query: string): readonly Term[] {
  const terms: string[][] = [];
  let before: Word | null = null;
  for (const word of wordsOf(query.slice(0, maxQueryCharacters))) {
    const goesOn = before?.isCharacter === true && word.isCharacter && before.end === word.start;
    if (goesOn) terms.at(-1)?.push(word.word);
    else terms.push([word.word]);
    before = word;
  }
  return terms.slice(0, maxTerms);
}

/** A text as the index keeps it: each word behind a space. */
export function indexedWords(text: string): string {
  return [...wordsOf(text)].map(({ word }) => ` ${word}`).join('');
}

/** Whether words, as the index keeps them, have all terms. */
export function hasTerms(words: string, terms: readonly Term[]): boolean {
  return terms.every((term) => words.includes(` ${term.join(' ')}`));
}

/** Where the terms stand in a text, in its order, without overlap; `null` when it has not all of them. */
export function rangesOf(text: string, terms: readonly Term[]): readonly TextRange[] | null {
  const words = [...wordsOf(text)];
  const isFound = new Set<number>();
  for (const term of terms) {
    const starts = words.flatMap((_, at) => (beginsAt(words, { at, term }) ? [at] : []));
    if (starts.length === 0) return null;
    for (const at of starts) for (const step of term.keys()) isFound.add(at + step);
  }
  return joined(words.filter((_, at) => isFound.has(at))).slice(0, maxRanges);
}

function beginsAt(
  words: readonly Word[],
  { at, term }: { readonly at: number; readonly term: Term },
): boolean {
  return term.every((part, step) => {
    const word = words[at + step]?.word;
    return step === term.length - 1 ? word?.startsWith(part) === true : word === part;
  });
}

function joined(found: readonly TextRange[]): readonly TextRange[] {
  const ranges: TextRange[] = [];
  for (const { start, end } of found) {
    const last = ranges.at(-1);
    if (last?.end === start) ranges[ranges.length - 1] = { start: last.start, end };
    else ranges.push({ start, end });
  }
  return ranges;
}
