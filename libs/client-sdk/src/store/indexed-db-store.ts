/**
 * A store in one IndexedDB database: browsers only, hence an entry of its own, `@cipherchat/client-sdk/indexed-db`.
 *
 * A write is one transaction with `durability: 'strict'`, in which the writer's generation is read before anything is
 * put. When it completes, the browser has told the operating system to write it to the disk; without that a power cut
 * could take back a ratchet step that was used.
 *
 * Values are sealed under a key that the browser keeps beside them and does not hand out (`sealed-store.ts`), so that a
 * copy of the profile's files, made by what cannot run in the page, holds no message and no key of a group.
 */
import { openStoreKey } from './indexed-db-key.js';
import {
  bytesOf,
  entries,
  errorOf,
  inTransaction,
  keys,
  only,
  schemaVersion,
  settled,
  unavailable,
  writer,
} from './indexed-db-requests.js';
import { sealStore } from './sealed-store.js';
import {
  SupersededError,
  type ScanQuery,
  type Store,
  type StoreLock,
  type StoreRow,
  type WriteBatch,
} from './store.js';

/** Greater than every key: keys are ASCII. */
const endOfKeys = '\uffff';

/**
 * Opens the database, making it where it is not there. It can be locked (`lock` of the store), and then needs `secret`.
 * @throws StorageUnavailableError; StoreLockedError; Error when it was written by a newer version of this library.
 */
export async function openIndexedDbStore(params: {
  readonly name: string;
  readonly secret?: Uint8Array;
}): Promise<Store & { readonly lock: StoreLock }> {
  const { name, secret = null } = params;
  const database = await openDatabase(name);
  // Another tab deletes it, or wants a newer version of it: it must not wait for this one.
  database.onversionchange = () => database.close();
  const erase = async (): Promise<void> => {
    database.close();
    await deleteIndexedDbStore({ name });
  };
  try {
    const { key, lock } = await openStoreKey(database, { secret, erase });
    return { ...sealStore({ store: unsealed(database, erase), key }), lock };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Deletes the database and all that is in it. Resolves when it is gone; those who have it open are told to close. */
export async function deleteIndexedDbStore(params: { readonly name: string }): Promise<void> {
  await settled(indexedDB.deleteDatabase(params.name));
}

async function openDatabase(name: string): Promise<IDBDatabase> {
  try {
    const request = indexedDB.open(name, schemaVersion);
    request.onupgradeneeded = () => {
      // Version 1 was never released, and had no wrapped key: what is in it is given up.
      for (const table of [...request.result.objectStoreNames]) request.result.deleteObjectStore(table);
      request.result.createObjectStore(entries);
      request.result.createObjectStore(writer).put(0, only);
      request.result.createObjectStore(keys);
    };
    return await settled(request);
  } catch (error) {
    throw unavailable(error) ?? error;
  }
}

function unsealed(database: IDBDatabase, erase: () => Promise<void>): Store {
  return {
    get: async (table, key) => {
      const found: unknown = await settled(read(database).get([table, key]));
      return found === undefined ? null : bytesOf(found);
    },
    scan: (query) => scan(read(database), query),
    write: (batch) => write(database, batch),
    claimWriter: () => claimWriter(database),
    close: async () => database.close(),
    // The key goes with the rest: what the disk may still hold of the values is ciphertext for good.
    erase,
  };
}

function read(database: IDBDatabase): IDBObjectStore {
  return database.transaction(entries, 'readonly').objectStore(entries);
}

async function write(database: IDBDatabase, batch: WriteBatch): Promise<void> {
  await inTransaction(database, async (transaction) => {
    const generation: unknown = await settled(transaction.objectStore(writer).get(only));
    if (generation !== batch.writerGeneration) throw new SupersededError();
    const store = transaction.objectStore(entries);
    for (const { table, key, value } of batch.puts) store.put(value.slice(), [table, key]);
    for (const { table, key } of batch.deletes) store.delete([table, key]);
  });
}

async function claimWriter(database: IDBDatabase): Promise<number> {
  return inTransaction(database, async (transaction) => {
    const store = transaction.objectStore(writer);
    const generation = Number(await settled(store.get(only))) + 1;
    store.put(generation, only);
    return generation;
  });
}

async function scan(store: IDBObjectStore, query: ScanQuery): Promise<readonly StoreRow[]> {
  const range = rangeOf(query);
  if (range === null) return [];
  if (query.order === 'descending') return scanBackwards(store, { range, limit: query.limit });
  // Both requests are of one transaction, so they see the same rows.
  const [keys, values] = await Promise.all([
    settled(store.getAllKeys(range, query.limit)),
    settled(store.getAll(range, query.limit)) as Promise<unknown[]>,
  ]);
  return keys.map((key, index) => ({ key: keyOf(key), value: bytesOf(values[index]) }));
}

/** `null` when nothing can be in it. */
function rangeOf({ table, prefix, after, order }: ScanQuery): IDBKeyRange | null {
  const [first, last] = [prefix, prefix + endOfKeys];
  if (after === undefined) return IDBKeyRange.bound([table, first], [table, last]);
  if (order === 'descending') {
    const upper = after < last ? after : last;
    return upper <= first ? null : IDBKeyRange.bound([table, first], [table, upper], false, true);
  }
  const lower = after > first ? after : first;
  return lower >= last ? null : IDBKeyRange.bound([table, lower], [table, last], after >= first, false);
}

function scanBackwards(
  store: IDBObjectStore,
  { range, limit }: { readonly range: IDBKeyRange; readonly limit: number },
): Promise<readonly StoreRow[]> {
  return new Promise((resolve, reject) => {
    const rows: StoreRow[] = [];
    const request = store.openCursor(range, 'prev');
    request.onerror = () => reject(errorOf(request.error));
    request.onsuccess = () => {
      const cursor = request.result;
      if (cursor === null || rows.length >= limit) return resolve(rows);
      rows.push({ key: keyOf(cursor.key), value: bytesOf(cursor.value) });
      cursor.continue();
    };
  });
}

function keyOf(key: IDBValidKey): string {
  const [, name] = Array.isArray(key) ? key : [];
  if (typeof name !== 'string') throw new Error('the database holds what this library did not write');
  return name;
}
