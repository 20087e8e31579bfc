import { describe, expect, it } from '@jest/globals';
import { idFromBytes, type UserId } from '@cipherchat/protocol';
import fc from 'fast-check';
import { inviteLink, readInviteLink } from './invite-link.js';

const ana = {
  serverUrl: 'https://chat.example.org',
  user: idFromBytes<UserId>(new Uint8Array(16).fill(0x11), 0),
  accountKey: new Uint8Array(32).fill(1),
};
const link = inviteLink({ ...ana, token: null });
const secretLink = inviteLink({ ...ana, token: new Uint8Array(16).fill(2) });

describe('an invite link', () => {
  it('is frozen, and names nobody but in its fragment', () => {
    expect(link).toMatchInlineSnapshot(
      `"https://chat.example.org/invite#AREREREREREREREREREREREBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAdq49nY"`,
    );
    expect(secretLink).toMatchInlineSnapshot(
      `"https://chat.example.org/invite#AREREREREREREREREREREREBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQICAgICAgICAgICAgICAgJPLCjO"`,
    );
    for (const each of [link, secretLink])
      expect(each.slice(0, each.indexOf('#'))).toBe('https://chat.example.org/invite');
  });

  it('names the person it was made for, on their server, with the token it was given', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.option(fc.uint8Array({ minLength: 16, maxLength: 16 })),
        fc.webAuthority({ withPort: true }).filter((authority) => URL.canParse(`https://${authority}`)),
        (id, accountKey, token, authority) => {
          const person = {
            serverUrl: new URL(`https://${authority}`).origin,
            user: idFromBytes<UserId>(id, 0),
            accountKey,
            token,
          };
          const made = inviteLink(person);
          fc.pre(made.length <= 400);
          expect(readInviteLink(made)).toEqual({ kind: 'person', ...person });
          expect(readInviteLink(` ${made}\n`)).toEqual({ kind: 'person', ...person });
        },
      ),
    );
  });

  it('of a newer build is told from one that is malformed', () => {
    expect(readInviteLink('https://chat.example.org/invite#AgAA').kind).toBe('newer-version');
  });

  it('is malformed when it is anything else', () => {
    for (const text of [
      '',
      'ana',
      'https://chat.example.org/invite',
      'https://chat.example.org/invite#',
      link.slice(0, -1),
      secretLink.slice(0, -1),
      // Its token cut off, with and without its check; and of the length of the other kind.
      secretLink.slice(0, -6),
      secretLink.slice(0, link.length),
      `${link}${secretLink.slice(link.length)}`,
      `${secretLink}A`,
      `${secretLink}AAAA`,
      `${secretLink}${'A'.repeat(10_000)}`,
      `${link}A`,
      `${link}==`,
      `${link}%20`,
      link.replace('/invite', '/other'),
      link.replace('#', '?a=b#'),
      link.replace('https:', 'ftp:'),
      link.replace('https:', 'javascript:'),
      link.replace('chat.', 'ana:secret@chat.'),
      link.replace('chat.', `${'a'.repeat(400)}.`),
      ' '.repeat(1_000_000),
    ])
      expect([text.slice(0, 200), readInviteLink(text)]).toEqual([text.slice(0, 200), { kind: 'malformed' }]);
  });

  it('is read from any text without throwing', () => {
    const texts = fc.oneof(fc.string({ unit: 'binary' }), fc.webUrl({ withFragments: true }), mutated());
    fc.assert(
      fc.property(texts, (text) => {
        const read = readInviteLink(text);
        if (read.kind === 'person') expect(inviteLink(read)).toBe(new URL(text).href);
      }),
      { numRuns: 500 },
    );
  });
});

/** A link with one character replaced. */
function mutated(): fc.Arbitrary<string> {
  return fc
    .tuple(
      fc.constantFrom(link, secretLink),
      fc.nat({ max: secretLink.length - 1 }),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    )
    .map(([made, at, character]) => made.slice(0, at) + character + made.slice(at + 1));
}
