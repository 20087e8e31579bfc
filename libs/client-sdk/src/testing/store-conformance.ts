/** The rules of the `Store` port, run against every implementation. */
import { describe, expect, it } from '@jest/globals';
import { SupersededError, type Store } from '../store/store.js';

/** `open` returns a new store on the same content each time until `fresh` is called. */
export type StoreFixture = { readonly fresh: () => Promise<void>; readonly open: () => Promise<Store> };

const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);
const put = (key: string, ...values: readonly number[]) => ({
  table: 'letters',
  key,
  value: bytes(...values),
});

async function writeRows(store: Store, keys: readonly string[]): Promise<number> {
  const writerGeneration = await store.claimWriter();
  await store.write({ writerGeneration, puts: keys.map((key, index) => put(key, index)), deletes: [] });
  return writerGeneration;
}

export function describeStoreConformance(name: string, fixture: StoreFixture): void {
  describe(`${name} as a store`, () => {
    const opened = async (): Promise<Store> => {
      await fixture.fresh();
      return fixture.open();
    };

    it('gives back what was written, and null for what was not', async () => {
      const store = await opened();
      await writeRows(store, ['a']);
      expect(await store.get('letters', 'a')).toEqual(bytes(0));
      expect(await store.get('letters', 'b')).toBeNull();
      expect(await store.get('numbers', 'a')).toBeNull();
    });

    it('keeps an empty value apart from none', async () => {
      const store = await opened();
      const writerGeneration = await store.claimWriter();
      await store.write({ writerGeneration, puts: [put('a')], deletes: [] });
      expect(await store.get('letters', 'a')).toEqual(bytes());
    });

    it('scans a prefix in key order, both ways, after a key and up to a limit', async () => {
      const store = await opened();
      await writeRows(store, ['b/2', 'a/1', 'b/1', 'b/10', 'c/1', 'b']);
      const keys = async (query: Partial<Parameters<Store['scan']>[0]>): Promise<readonly string[]> =>
        (await store.scan({ table: 'letters', prefix: 'b/', limit: 10, ...query })).map((row) => row.key);
      expect(await keys({})).toEqual(['b/1', 'b/10', 'b/2']);
      expect(await keys({ order: 'descending' })).toEqual(['b/2', 'b/10', 'b/1']);
      expect(await keys({ after: 'b/1' })).toEqual(['b/10', 'b/2']);
      expect(await keys({ after: 'b/10', order: 'descending' })).toEqual(['b/1']);
      expect(await keys({ limit: 2 })).toEqual(['b/1', 'b/10']);
      expect(await keys({ prefix: '' })).toEqual(['a/1', 'b', 'b/1', 'b/10', 'b/2', 'c/1']);
      expect(await keys({ prefix: 'd' })).toEqual([]);
    });

    it('replaces and deletes in one write', async () => {
      const store = await opened();
      const writerGeneration = await writeRows(store, ['a', 'b']);
      await store.write({ writerGeneration, puts: [put('a', 9)], deletes: [{ table: 'letters', key: 'b' }] });
      expect(await store.scan({ table: 'letters', prefix: '', limit: 10 })).toEqual([
        { key: 'a', value: bytes(9) },
      ]);
    });

    it('is not changed by later changes of the bytes that were given or returned', async () => {
      const store = await opened();
      const writerGeneration = await store.claimWriter();
      const value = bytes(1);
      await store.write({ writerGeneration, puts: [{ table: 'letters', key: 'a', value }], deletes: [] });
      value.fill(7);
      (await store.get('letters', 'a'))?.fill(8);
      expect(await store.get('letters', 'a')).toEqual(bytes(1));
    });

    it('keeps everything when it is opened again', async () => {
      const first = await opened();
      const generation = await writeRows(first, ['a']);
      await first.close();
      const second = await fixture.open();
      expect(await second.get('letters', 'a')).toEqual(bytes(0));
      expect(await second.claimWriter()).toBe(generation + 1);
    });

    it('refuses a superseded writer, and writes nothing of its batch', async () => {
      const first = await opened();
      const old = await writeRows(first, ['a']);
      const second = await fixture.open();
      const current = await second.claimWriter();
      await expect(
        first.write({
          writerGeneration: old,
          puts: [put('b', 1)],
          deletes: [{ table: 'letters', key: 'a' }],
        }),
      ).rejects.toBeInstanceOf(SupersededError);
      await second.write({ writerGeneration: current, puts: [put('c', 2)], deletes: [] });
      expect((await first.scan({ table: 'letters', prefix: '', limit: 10 })).map((row) => row.key)).toEqual([
        'a',
        'c',
      ]);
    });

    it('is empty once it was erased, and its writer writes nothing more', async () => {
      const first = await opened();
      const writerGeneration = await writeRows(first, ['a', 'b']);
      await first.erase();
      await expect(
        (async () => first.write({ writerGeneration, puts: [put('c', 1)], deletes: [] }))(),
      ).rejects.toThrow();
      const second = await fixture.open();
      expect(await second.scan({ table: 'letters', prefix: '', limit: 10 })).toEqual([]);
      await writeRows(second, ['d']);
      expect(await second.get('letters', 'd')).toEqual(bytes(0));
    });

    it('refuses a writer that never claimed', async () => {
      const store = await opened();
      await store.claimWriter();
      await expect(
        store.write({ writerGeneration: 0, puts: [put('a', 1)], deletes: [] }),
      ).rejects.toBeInstanceOf(SupersededError);
    });
  });
}
