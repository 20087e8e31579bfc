/** In Chromium, on its own IndexedDB (`browser-specs.integration.spec.ts` runs it there). */
import { afterAll, describe, expect, it } from '@jest/globals';
import { describeStoreConformance } from '../testing/store-conformance.js';
import { deleteIndexedDbStore, openIndexedDbStore } from './indexed-db-store.js';
import { SupersededError } from './store.js';

let count = 0;
const name = (): string => `store-${count}`;
const fresh = async (): Promise<void> => {
  count++;
  await deleteIndexedDbStore({ name: name() });
};

afterAll(async () => {
  for (let each = 1; each <= count; each++) await deleteIndexedDbStore({ name: `store-${each}` });
});

describeStoreConformance('indexed-db', { fresh, open: () => openIndexedDbStore({ name: name() }) });

describe('the IndexedDB store', () => {
  const put = (key: string, value: Uint8Array = Uint8Array.of(1)) => ({ table: 'letters', key, value });

  it('asks the browser for strict durability in every write', async () => {
    await fresh();
    const store = await openIndexedDbStore({ name: name() });
    const begin = IDBDatabase.prototype.transaction;
    const asked: (string | undefined)[] = [];
    IDBDatabase.prototype.transaction = function (stores, mode, options) {
      if (mode === 'readwrite') asked.push(options?.durability);
      return begin.call(this, stores, mode, options);
    };
    try {
      const writerGeneration = await store.claimWriter();
      await store.write({ writerGeneration, puts: [put('a')], deletes: [] });
    } finally {
      IDBDatabase.prototype.transaction = begin;
    }
    expect(asked).toEqual(['strict', 'strict']);
  });

  it('lets one of two who claim and write at once win, and the other writes nothing', async () => {
    await fresh();
    const [one, two] = await Promise.all([
      openIndexedDbStore({ name: name() }),
      openIndexedDbStore({ name: name() }),
    ]);
    const outcomes = await Promise.allSettled(
      [one, two].map(async (store, index) => {
        const writerGeneration = await store.claimWriter();
        for (let round = 0; round < 20; round++)
          await store.write({ writerGeneration, puts: [put(`${index}-${round}`)], deletes: [] });
      }),
    );
    const refused = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
    );
    expect(refused).toHaveLength(1);
    expect(refused[0]).toBeInstanceOf(SupersededError);
  });

  it('leaves nothing of a value in the database, and keeps a key there that cannot be taken out', async () => {
    await fresh();
    const secret = new TextEncoder().encode('the private half of a key');
    const store = await openIndexedDbStore({ name: name() });
    await store.write({ writerGeneration: await store.claimWriter(), puts: [put('a', secret)], deletes: [] });
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(name());
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(new Error('the database cannot be opened'));
    });
    const all = async (table: string): Promise<readonly unknown[]> =>
      new Promise((resolve) => {
        const request = database.transaction(table).objectStore(table).getAll();
        request.onsuccess = () => resolve(request.result as unknown[]);
      });
    const [row] = await all('entries');
    const text = new TextDecoder('latin1').decode(row as Uint8Array);
    expect(text).toHaveLength(secret.length + 29);
    expect(text).not.toContain('private');
    expect(await all('keys')).toMatchObject([{ guard: { extractable: false }, lock: null }]);
    database.close();
    await store.close();
    // The next page has the same key.
    expect(await (await openIndexedDbStore({ name: name() })).get('letters', 'a')).toEqual(secret);
  });

  it('closes when another page deletes the database, and is empty when it is opened again', async () => {
    await fresh();
    const store = await openIndexedDbStore({ name: name() });
    const writerGeneration = await store.claimWriter();
    await store.write({ writerGeneration, puts: [put('a')], deletes: [] });
    await deleteIndexedDbStore({ name: name() });
    await expect(store.get('letters', 'a')).rejects.toBeInstanceOf(Error);
    expect(await (await openIndexedDbStore({ name: name() })).get('letters', 'a')).toBeNull();
  });

  it('carries a megabyte in one value and a thousand rows in one write', async () => {
    await fresh();
    const store = await openIndexedDbStore({ name: name() });
    const large = new Uint8Array(1_048_576).fill(7);
    const puts = Array.from({ length: 1_000 }, (_, index) => put(`row-${String(index).padStart(4, '0')}`));
    await store.write({
      writerGeneration: await store.claimWriter(),
      puts: [...puts, put('large', large)],
      deletes: [],
    });
    expect(await store.get('letters', 'large')).toEqual(large);
    expect(await store.scan({ table: 'letters', prefix: 'row-', limit: 2_000 })).toHaveLength(1_000);
  });
});
