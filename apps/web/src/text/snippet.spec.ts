/** Why a text was found. Everything is real. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { snippetOf } from './snippet.js';

const shown = (text: string, ...matches: readonly string[]) => {
  let from = 0;
  const ranges = matches.map((match) => {
    const start = text.indexOf(match, from);
    from = start + match.length;
    return { start, end: from };
  });
  return snippetOf(text, ranges)
    .map(({ kind, text: part }) => (kind === 'match' ? `[${part}]` : part))
    .join('');
};

describe('a snippet', () => {
  it('is all of a short text, with its matches', () => {
    expect(shown('Tea at noon, and tea at five', 'Tea', 'tea')).toBe('[Tea] at noon, and [tea] at five');
  });

  it('begins at a word shortly before the first match, and ends soon', () => {
    const text = `${'before '.repeat(100)}needle ${'behind '.repeat(100)}`;
    const snippet = shown(text, 'needle');
    expect(snippet).toMatch(/^…(?:before ){1,5}\[needle\] (?:behind ){10,}/u);
    expect(snippet.length).toBeLessThan(150);
    expect(snippet.endsWith('…')).toBe(true);
  });

  it('is one line, and nothing in it turns the line around', () => {
    expect(shown('one\n\u202etwo\u202c\r\n needle', 'needle')).toBe('one two [needle]');
  });

  it('is short and well-formed, whatever stands in the text', () => {
    const unit = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 3 }),
      fc.constantFrom('👩‍👩‍👧', ' ', '\n', '\ud800'),
    );
    fc.assert(
      fc.property(
        fc.array(unit, { minLength: 1, maxLength: 400 }).map((parts) => parts.join('')),
        fc.nat(400),
        fc.nat(20),
        (text, at, length) => {
          const start = Math.min(at, text.length);
          const parts = snippetOf(text, [{ start, end: Math.min(text.length, start + length) }]);
          const line = parts.map((part) => part.text).join('');
          expect(line.length).toBeLessThanOrEqual(145);
          expect(line.isWellFormed()).toBe(true);
          expect(line).not.toMatch(/[\n\r\u202a-\u202e\u2066-\u2069]/u);
        },
      ),
    );
  });
});
