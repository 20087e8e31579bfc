/**
 * The words of a text, as search compares them: in one spelling, whatever the case, the accents or the form in which
 * characters came (UAX #15, compatibility). By Unicode's properties alone: segmenters for words differ between engines
 * and their versions, and an index outlives both.
 */

/** Where something stands in a text, in UTF-16 units; `end` is exclusive. */
export type TextRange = { readonly start: number; readonly end: number };

export type Word = TextRange & {
  readonly word: string;
  /** Of a script that puts no spaces between words, or a picture: each character counts as a word. */
  readonly isCharacter: boolean;
};

const unspaced =
  '(?=[\\p{L}\\p{N}])[\\p{scx=Hani}\\p{scx=Hira}\\p{scx=Kana}\\p{scx=Thai}\\p{scx=Laoo}\\p{scx=Khmr}\\p{scx=Mymr}]';
/** Halfwidth voicing marks are letters by themselves, and marks of the letter before them in every other form. */
const marks = '[\\p{M}\\uff9e\\uff9f]*';
/** Formatting within a word (joiners, soft hyphens) does not end it; a zero-width space does. */
const spaced = `(?:(?!${unspaced})(?!\\u200b)[\\p{L}\\p{N}\\p{M}\\p{Cf}])+`;
const anyWord = new RegExp(`(${unspaced}${marks}|\\p{Extended_Pictographic})|${spaced}`, 'gu');
const ascii = /^[\u0020-\u007e]*$/;

/** Accents, and the vowel signs of scripts that are mostly written without. Elsewhere marks are what tells words apart. */
const strippedMarks = /(?![\u3099\u309a])(?=\p{M})[\p{Script=Inherited}\p{Script=Arabic}\p{Script=Hebrew}]/gu;
/** What is left of compatibility forms: the slash of "½", the brackets of "㈱". */
const notOfWords = /[^\p{L}\p{N}\p{M}\p{Extended_Pictographic}]/gu;

/**
 * Letters that are written for each other: the sigma at a word's end, and Arabic ones by keyboard and habit (as Lucene's
 * normalizers for Arabic and Persian have it); the tatweel only stretches a line.
 */
const spellings: ReadonlyMap<string, string> = new Map([
  ['ς', 'σ'],
  ['ى', 'ي'],
  ['ی', 'ي'],
  ['ک', 'ك'],
  ['ة', 'ه'],
  ['ـ', ''],
]);
const respelled = new RegExp(`[${[...spellings.keys()].join('')}]`, 'gu');

/** In the order of the text. */
export function* wordsOf(text: string): Generator<Word> {
  for (const match of text.matchAll(anyWord)) {
    const [written, character] = match;
    const word = fold(written);
    if (word === '') continue;
    yield {
      word,
      start: match.index,
      end: match.index + written.length,
      isCharacter: character !== undefined,
    };
  }
}

function fold(written: string): string {
  if (ascii.test(written)) return written.toLowerCase();
  return (
    written
      .normalize('NFKD')
      .replace(strippedMarks, '')
      // Both: "ß" is "ss" in capitals only, and the dotless "ı" an "I".
      .toUpperCase()
      .toLowerCase()
      .replace(respelled, (letter) => spellings.get(letter) ?? letter)
      .replace(notOfWords, '')
      .normalize('NFC')
  );
}
