/** Links in what other people wrote. Everything is real. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { linkedParts } from './linked-text.js';

const links = (text: string) => linkedParts(text).filter(({ kind }) => kind === 'link');

describe('links in a message', () => {
  it('are addresses of web pages, without the punctuation around them', () => {
    expect(linkedParts('see https://example.org/a?b=c#d, please')).toEqual([
      { kind: 'text', text: 'see ' },
      { kind: 'link', href: 'https://example.org/a?b=c#d', text: 'https://example.org/a?b=c#d' },
      { kind: 'text', text: ', please' },
    ]);
  });

  it.each([
    'javascript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:x',
    'file:///etc/passwd',
    'ftp://example.org/a',
    'mailto:ana@example.org',
    '//example.org/a',
    'example.org',
    'https://bank.example@evil.example/',
    'https://bank.example:pass@evil.example/',
    'https://example.org/\u202egpj.exe',
    'https://exa\u200bmple.org/',
  ])('are never made of %j', (text) => {
    expect(links(text).filter((part) => part.text.includes(text))).toEqual([]);
  });

  it('show the host as the network spells it', () => {
    expect(links('https://аррӏе.com/login')).toEqual([
      { kind: 'link', href: 'https://xn--80ak6aa92e.com/login', text: 'https://xn--80ak6aa92e.com/login' },
    ]);
  });

  it('lose nothing of the text, and lead to nothing but web pages', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.webUrl(),
      fc.constantFrom(' ', '\n', 'http://', '@', '.'),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        const parts = linkedParts(text);
        for (const part of parts) if (part.kind === 'link') expect(part.href).toMatch(/^https?:\/\//);
        const plain = parts.filter(({ kind }) => kind === 'text').map((part) => part.text);
        for (const part of plain) expect(text).toContain(part);
        if (links(text).length === 0) expect(plain.join('')).toBe(text);
      }),
    );
  });

  it('are bounded in number', () => {
    expect(links('https://a.example '.repeat(3_000))).toHaveLength(100);
  });
});
