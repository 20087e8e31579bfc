import { describe, expect, it } from '@jest/globals';
import type { ClientStatus } from './hosted-client.js';
import { forgetAccount, knownAccount, noteStatus, type PageMarks } from './known-account.js';

const open = {
  kind: 'open',
  self: { username: 'ana', serverUrl: 'https://chat.example.org' },
} as unknown as ClientStatus;
const empty: ClientStatus = { kind: 'empty' };

function page(params: { readonly cookie?: string; readonly stored?: string }): PageMarks {
  const stored = new Map(params.stored === undefined ? [] : [['cipherchat-account', params.stored]]);
  let cookie = params.cookie ?? '';
  return {
    get cookie() {
      return cookie;
    },
    set cookie(text) {
      cookie = text.includes('Max-Age=0') ? '' : text;
    },
    storage: {
      getItem: (key) => stored.get(key) ?? null,
      setItem: (key, value) => void stored.set(key, value),
      removeItem: (key) => void stored.delete(key),
    },
  };
}

describe('a browser', () => {
  it('in which nobody was is empty', () => {
    for (const marks of [page({}), page({ cookie: 'other=1; cipherchat-account=0' })]) {
      expect(noteStatus(empty, marks)).toEqual(empty);
      expect(knownAccount(marks)).toBeNull();
    }
  });

  it('that had an account and holds none is cleared, and knows whose it was', () => {
    const marks = page({});
    expect(noteStatus(open, marks)).toBe(open);
    expect(noteStatus(empty, marks)).toEqual({
      kind: 'cleared',
      username: 'ana',
      serverUrl: 'https://chat.example.org',
    });
  });

  it('of which only the mark of the server is left is cleared, too', () => {
    const marks = page({ cookie: 'theme=dark; cipherchat-account=1' });
    expect(noteStatus(empty, marks)).toEqual({ kind: 'cleared', username: null, serverUrl: null });
  });

  it('is as new once the account was forgotten', () => {
    const marks = page({ cookie: 'cipherchat-account=1' });
    noteStatus(open, marks);
    forgetAccount(marks);
    expect(noteStatus(empty, marks)).toEqual(empty);
  });

  it('takes what it did not write for nothing', () => {
    for (const stored of ['', 'null', '7', '{"username":7}', '{', '"ana"'])
      expect(noteStatus(empty, page({ stored }))).toEqual(empty);
  });
});
