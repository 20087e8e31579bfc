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
import { generateGuardedKey, type GuardedKey } from '@cipherchat/crypto';
import { sealStore } from './sealed-store.js';
import { SupersededError, type ScanQuery, type Store, type StoreRow, type WriteBatch } from './store.js';

const schemaVersion = 1;
const entries = 'entries';
const writer = 'writer';
const keys = 'keys';
/** The one row of `writer`, and of `keys`. */
const only = 1;
/** Greater than every key: keys are ASCII. */
const endOfKeys = '\uffff';

/** The browser has no room left, or its user keeps it from storing anything. */
export class StorageUnavailableError extends Error {
  override readonly name = 'StorageUnavailableError';
  constructor(readonly reason: 'full' | 'forbidden') {
    super(`the browser's storage is ${reason}`);
  }
}

/**
 * Opens the database, making it where it is not there.
 * @throws StorageUnavailableError; Error when it was written by a newer version of this library.
 */
export async function openIndexedDbStore(params: { readonly name: string }): Promise<Store> {
  const database = await openDatabase(params.name);
  // Another tab deletes it, or wants a newer version of it: it must not wait for this one.
  database.onversionchange = () => database.close();
  try {
    return sealStore({ store: unsealed(database, params.name), key: await recordKey(database) });
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
      request.result.createObjectStore(entries);
      request.result.createObjectStore(writer).put(0, only);
      request.result.createObjectStore(keys);
    };
    return await settled(request);
  } catch (error) {
    throw unavailable(error) ?? error;
  }
}

function unsealed(database: IDBDatabase, name: string): Store {
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
    erase: async () => {
      database.close();
      await deleteIndexedDbStore({ name });
    },
  };
}

/** The key of this database; made when it is first opened, by whichever page is first. */
async function recordKey(database: IDBDatabase): Promise<GuardedKey> {
  // Made before the transaction, which would end while it waits for WebCrypto.
  const fresh = await generateGuardedKey();
  return inTransaction(database, async (transaction) => {
    const store = transaction.objectStore(keys);
    const known = (await settled(store.get(only))) as GuardedKey | undefined;
    if (known === undefined) store.put(fresh, only);
    return known ?? fresh;
  });
}

function read(database: IDBDatabase): IDBObjectStore {
  return database.transaction(entries, 'readonly').objectStore(entries);
}

/** Strict: see the top of the file. `work` must not await anything but requests of the transaction: it would end. */
async function inTransaction<Result>(
  database: IDBDatabase,
  work: (transaction: IDBTransaction) => Promise<Result>,
): Promise<Result> {
  const transaction = database.transaction([entries, writer, keys], 'readwrite', { durability: 'strict' });
  const completed = completion(transaction);
  try {
    const result = await work(transaction);
    await completed;
    return result;
  } catch (error) {
    abort(transaction);
    await completed.catch(() => undefined);
    throw unavailable(error) ?? error;
  }
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

function bytesOf(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new Error('the database holds what this library did not write');
  return value;
}

function settled<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(errorOf(request.error));
  });
}

function completion(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(errorOf(transaction.error));
  });
}

function abort(transaction: IDBTransaction): void {
  try {
    transaction.abort();
  } catch {
    // It has ended already: an error of its own was the reason.
  }
}

function errorOf(error: DOMException | null): Error {
  return error ?? new Error('the transaction was aborted');
}

function unavailable(error: unknown): StorageUnavailableError | null {
  if (!(error instanceof DOMException)) return null;
  if (error.name === 'QuotaExceededError') return new StorageUnavailableError('full');
  return error.name === 'SecurityError' || error.name === 'InvalidStateError'
    ? new StorageUnavailableError('forbidden')
    : null;
}
