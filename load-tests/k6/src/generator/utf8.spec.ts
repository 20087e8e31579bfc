import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeUtf8, encodeUtf8, isWellFormedText } from './utf8.js';

describe('UTF-8 without TextEncoder', () => {
  it('is the same as with it, there and back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 9_000 }), (text) => {
        const bytes = encodeUtf8(text);
        expect([...bytes]).toEqual([...new TextEncoder().encode(text)]);
        expect(decodeUtf8(bytes)).toBe(text);
      }),
    );
  });

  it('refuses bytes that a fatal decoder refuses', () => {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const attempt = (decode: () => string): string | null => {
      try {
        return decode();
      } catch {
        return null;
      }
    };
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 6 }), (bytes) => {
        expect(attempt(() => decodeUtf8(bytes))).toBe(attempt(() => decoder.decode(bytes)));
      }),
      { numRuns: 2_000 },
    );
  });

  it('knows a lone surrogate', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0xd7f0, max: 0xe010 }), { maxLength: 4 }), (units) => {
        const text = String.fromCharCode(...units);
        expect(isWellFormedText(text)).toBe(text.isWellFormed());
      }),
    );
  });
});
