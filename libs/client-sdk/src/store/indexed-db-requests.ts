/** What every use of the database needs: its tables, requests as promises, and transactions that last. */

export const schemaVersion = 2;
export const entries = 'entries';
export const writer = 'writer';
export const keys = 'keys';
/** The one row of `writer`, and of `keys`. */
export const only = 1;
/** The browser has no room left, or its user keeps it from storing anything. */
export class StorageUnavailableError extends Error {
  override readonly name = 'StorageUnavailableError';
  constructor(readonly reason: 'full' | 'forbidden') {
    super(`the browser's storage is ${reason}`);
  }
}

/** Strict: see the top of `indexed-db-store.ts`. `work` must not await anything but requests of the transaction: it would end. */
export async function inTransaction<Result>(
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

export function bytesOf(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new Error('the database holds what this library did not write');
  return value;
}

export function settled<Result>(request: IDBRequest<Result>): Promise<Result> {
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

export function errorOf(error: DOMException | null): Error {
  return error ?? new Error('the transaction was aborted');
}

export function unavailable(error: unknown): StorageUnavailableError | null {
  if (!(error instanceof DOMException)) return null;
  if (error.name === 'QuotaExceededError') return new StorageUnavailableError('full');
  return error.name === 'SecurityError' || error.name === 'InvalidStateError'
    ? new StorageUnavailableError('forbidden')
    : null;
}
