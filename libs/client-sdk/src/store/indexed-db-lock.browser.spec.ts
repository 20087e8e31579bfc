/** In Chromium, on its own IndexedDB and WebCrypto (`browser-specs.integration.spec.ts` runs it there). */
import { afterAll, describe, expect, it } from '@jest/globals';
import { deleteIndexedDbStore, openIndexedDbStore } from './indexed-db-store.js';

const name = 'locked-store';
const lock = { credential: new Uint8Array(16).fill(1), salt: new Uint8Array(32).fill(2) };
const [secret, other] = [new Uint8Array(32).fill(3), new Uint8Array(32).fill(4)];
const value = new TextEncoder().encode('the private half of a key');

afterAll(() => deleteIndexedDbStore({ name }));

async function opened(given?: Uint8Array) {
  return openIndexedDbStore({ name, ...(given === undefined ? {} : { secret: given }) });
}
async function filled() {
  await deleteIndexedDbStore({ name });
  const store = await opened();
  const writerGeneration = await store.claimWriter();
  await store.write({ writerGeneration, puts: [{ table: 'letters', key: 'a', value }], deletes: [] });
  return store;
}
/** What the store reads after the page was loaded anew, or why it does not open. */
async function read(given?: Uint8Array): Promise<Uint8Array | null | string> {
  try {
    const store = await opened(given);
    const found = await store.get('letters', 'a');
    await store.close();
    return found;
  } catch (error) {
    return (error as { readonly reason?: string }).reason ?? String(error);
  }
}

describe('a store that is locked', () => {
  it('opens by its secret alone, whatever else is known, until the lock is taken off', async () => {
    const store = await filled();
    expect([store.lock.hint(), await read(), await read(secret)]).toEqual([null, value, value]);
    await store.lock.set({ ...lock, secret });
    // Whoever has it open goes on.
    expect([store.lock.hint(), await store.get('letters', 'a')]).toEqual([lock, value]);
    await store.close();
    expect([await read(), await read(other), await read(secret)]).toEqual(['locked', 'wrong-secret', value]);
    await expect(opened()).rejects.toMatchObject({ name: 'StoreLockedError', hint: lock });
    const again = await opened(secret);
    await again.lock.set({ ...lock, salt: new Uint8Array(32), secret: other });
    await again.close();
    expect([await read(secret), await read(other)]).toEqual(['wrong-secret', value]);
    const third = await opened(other);
    await third.lock.remove();
    await third.close();
    expect([await read(), await read(other)]).toEqual([value, value]);
  });

  it('is what it was, or what it was to be, wherever it crashes on the way', async () => {
    const put = IDBObjectStore.prototype.put;
    const begin = IDBDatabase.prototype.transaction;
    // At each write, and after the last one before it is durable: both are the end of the transaction.
    const crashes: readonly (() => void)[] = [
      () => {
        IDBObjectStore.prototype.put = function () {
          throw new DOMException('the page died', 'AbortError');
        };
      },
      () => {
        IDBObjectStore.prototype.put = function (row, key) {
          const request = put.call(this, row, key);
          this.transaction.abort();
          return request;
        };
      },
      () => {
        IDBDatabase.prototype.transaction = () => {
          throw new DOMException('the page died', 'InvalidStateError');
        };
      },
    ];
    for (const crash of crashes)
      for (const [before, change] of [
        ['open', 'set'],
        ['locked', 'set'],
        ['locked', 'remove'],
      ] as const) {
        const store = await filled();
        if (before === 'locked') await store.lock.set({ ...lock, secret });
        crash();
        const changed = change === 'set' ? store.lock.set({ ...lock, secret: other }) : store.lock.remove();
        await expect(changed).rejects.toBeDefined();
        IDBObjectStore.prototype.put = put;
        IDBDatabase.prototype.transaction = begin;
        // Also for who goes on with it.
        expect(store.lock.hint()).toEqual(before === 'locked' ? lock : null);
        await store.close();
        expect(await read(before === 'locked' ? secret : undefined)).toEqual(value);
        expect(await read()).toEqual(before === 'locked' ? 'locked' : value);
      }
  });

  it('is deleted unopened by who has lost the secret', async () => {
    const store = await filled();
    await store.lock.set({ ...lock, secret });
    await store.close();
    const error = (await opened().catch((reason: unknown) => reason)) as {
      readonly erase: () => Promise<void>;
    };
    await error.erase();
    expect(await read()).toBeNull();
  });
});
