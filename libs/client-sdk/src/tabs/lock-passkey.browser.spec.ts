/** In Chromium with a virtual authenticator that has a PRF. Real: the ceremonies, IndexedDB, WebCrypto. */
import { afterAll, describe, expect, it } from '@jest/globals';
import { deleteIndexedDbStore, openIndexedDbStore } from '../store/indexed-db-store.js';
import { askLockPasskey, makeLockPasskey, PasskeyDeclinedError } from './lock-passkey.js';

const name = 'passkey-store';
afterAll(() => deleteIndexedDbStore({ name }));

const made = async () => {
  const passkey = await makeLockPasskey({ username: 'ana', siteName: 'CipherChat' });
  if (passkey === null) throw new Error('this browser has no PRF');
  return passkey;
};

describe('a passkey that locks the store', () => {
  it('gives one secret each time it is asked, another for another salt, and each passkey its own', async () => {
    const [one, other] = [await made(), await made()];
    expect([one.secret.length, one.salt.length]).toEqual([32, 32]);
    expect(await askLockPasskey(one)).toEqual(one.secret);
    expect(await askLockPasskey({ ...one, salt: other.salt })).not.toEqual(one.secret);
    expect(other.secret).not.toEqual(one.secret);
  });

  it('locks the store and opens it again', async () => {
    const { secret, ...hint } = await made();
    const store = await openIndexedDbStore({ name });
    await store.lock.set({ ...hint, secret });
    await store.close();
    const shut = (await openIndexedDbStore({ name }).catch((error: unknown) => error)) as {
      readonly hint: typeof hint;
    };
    expect(shut).toMatchObject({ name: 'StoreLockedError', reason: 'locked' });
    const asked = await askLockPasskey(shut.hint);
    await (await openIndexedDbStore({ name, secret: asked! })).close();
  });

  it('that is not there is as good as declined', async () => {
    const { salt } = await made();
    const nobodys = { credential: new Uint8Array(32).fill(1), salt };
    await expect(askLockPasskey(nobodys)).rejects.toBeInstanceOf(PasskeyDeclinedError);
  });
});
