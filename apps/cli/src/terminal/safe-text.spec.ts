import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { safeJson, safeLine, safeText } from './safe-text.js';

/** Any character a terminal or a bidi algorithm obeys. Written apart from the code under test, by ranges. */
function isCommand(codePoint: number): boolean {
  const ranges: ReadonlyArray<readonly [number, number]> = [
    [0x00, 0x09],
    [0x0b, 0x1f],
    [0x7f, 0x9f],
    [0x061c, 0x061c],
    [0x200e, 0x200f],
    [0x2028, 0x202e],
    [0x2066, 0x206f],
    [0xfeff, 0xfeff],
    [0xfff9, 0xfffb],
    [0xd800, 0xdfff],
  ];
  return ranges.some(([first, last]) => codePoint >= first && codePoint <= last);
}

const commandCharacter = fc.constantFrom(
  ...Array.from({ length: 0x1_0000 }, (_, code) => code)
    .filter(isCommand)
    .map((code) => String.fromCharCode(code)),
);
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.oneof(fc.string({ unit: 'grapheme', maxLength: 3 }), commandCharacter), { maxLength: 40 })
    .map((parts) => parts.join('')),
);

describe('text of others', () => {
  it('holds no character that a terminal obeys, whatever it was made of', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const left = [...safeText(text)].map((character) => character.codePointAt(0) ?? 0).filter(isCommand);
        return left.length === 0;
      }),
      { numRuns: 2_000 },
    );
  });

  it('stays on its line as a name', () => {
    fc.assert(fc.property(anyText, (text) => !/[\n\r\u2028\u2029\u0085\v\f]/.test(safeLine(text))));
  });

  it('is the same when made safe twice', () => {
    fc.assert(fc.property(anyText, (text) => safeText(safeText(text)) === safeText(text)));
  });

  it.each([
    ['a cursor movement', 'hello\x1b[2A\x1b[2Kbob: I agree', 'hello<U+001B>[2A<U+001B>[2Kbob: I agree'],
    ['a window title', '\x1b]0;root\x07', '<U+001B>]0;root<U+0007>'],
    ['a C1 control sequence', '\u009b31m', '<U+009B>31m'],
    ['a carriage return that overwrites the line', 'safe\rbob: no', 'safe<U+000D>bob: no'],
    ['a bidi override', 'invoice\u202Efdp.exe', 'invoice<U+202E>fdp.exe'],
    ['an invisible tag outside a flag', 'a\u{E0041}b', 'a<U+E0041>b'],
  ])('shows %s instead of obeying it', (_, text, shown) => {
    expect(safeText(text)).toBe(shown);
  });

  it('leaves letters of every direction, emoji sequences and line breaks as they are', () => {
    for (const text of [
      'שלום עולם',
      'مرحبا بالعالم',
      '👩‍👩‍👧‍👦 ❤️ 🏴󠁧󠁢󠁳󠁣󠁴󠁿',
      'می‌خواهم',
      'one\ntwo',
      '日本語',
      'e\u0301',
    ]) {
      expect(safeText(text)).toBe(text);
    }
    expect(safeText('one\r\ntwo')).toBe('one\ntwo');
    expect(safeText('a\tb')).toBe('a    b');
  });
});

describe('JSON for a terminal', () => {
  it('parses to what it was made of, and holds no character that a terminal obeys', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const json = safeJson({ text });
        expect((JSON.parse(json) as { readonly text: string }).text).toBe(text);
        return (
          ![...json].some((character) => isCommand(character.codePointAt(0) ?? 0)) && !json.includes('\n')
        );
      }),
      { numRuns: 2_000 },
    );
  });
});
