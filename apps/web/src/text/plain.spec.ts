/** What other people wrote, made harmless. Everything is real. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cutTo, lineText, messageText } from './plain.js';

const anyText = fc.string({ unit: 'binary', maxLength: 400 });

describe('the text of a message', () => {
  it('keeps lines, emoji and scripts of the world as they are', () => {
    const text = 'שלום 👩‍👩‍👧‍👦\n\tनमस्ते e\u0301 \u2067مرحبا\u2069';
    expect(messageText(text)).toBe(text);
  });

  it('piles no marks over other lines', () => {
    expect(messageText(`z${'\u0335\u0321'.repeat(500)}algo`)).toBe('z\u0335\u0321\u0335\u0321algo');
  });

  it('has no lone surrogate and no control character', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const shown = messageText(`${text}\u0000\ud800`);
        expect(shown.isWellFormed()).toBe(true);
        expect(shown).not.toMatch(/[\u0000-\u0008\u000e-\u001f\u007f]/);
      }),
    );
  });
});

describe('a text in a line of ours', () => {
  it('stays in it and cannot turn it around', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const line = lineText(`a\u202e${text}\r\n\u2066b`, 60);
        expect(line).not.toMatch(/[\u202a-\u202e\u2066-\u2069\r\n\u2028\u2029]/);
        expect(line.length).toBeLessThanOrEqual(61);
      }),
    );
  });

  it('is cut between characters as people see them', () => {
    expect(cutTo('ab👩‍👩‍👧‍👦cd', 5)).toBe('ab…');
    expect(cutTo('abc', 3)).toBe('abc');
    expect(cutTo('x'.repeat(60_000), 10)).toBe(`${'x'.repeat(10)}…`);
  });
});
