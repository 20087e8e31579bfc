/** In Chromium, with its own cookies and storage. The cookie is set as the server sets it. */
import { afterEach, describe, expect, it } from '@jest/globals';
import { deleteIndexedDbStore, openIndexedDbStore } from '../store/indexed-db-store.js';
import type { ClientStatus } from './hosted-client.js';
import { forgetAccount, knownAccount, noteStatus } from './known-account.js';

const open = {
  kind: 'open',
  self: { username: 'ana', serverUrl: 'https://chat.example.org' },
} as unknown as ClientStatus;

afterEach(() => forgetAccount());

describe('a page whose keys were cleared', () => {
  it('knows that there was an account, by what it stored, and then by the cookie alone', async () => {
    expect(knownAccount()).toBeNull();
    const name = 'known-account';
    await (await openIndexedDbStore({ name })).close();
    noteStatus(open);
    document.cookie = 'cipherchat-account=1; Path=/; Max-Age=1000; SameSite=Strict';
    await deleteIndexedDbStore({ name });
    expect(noteStatus({ kind: 'empty' })).toMatchObject({ kind: 'cleared', username: 'ana' });
    localStorage.clear();
    expect(noteStatus({ kind: 'empty' })).toMatchObject({ kind: 'cleared', username: null });
    forgetAccount();
    expect([knownAccount(), document.cookie]).toEqual([null, '']);
  });
});
