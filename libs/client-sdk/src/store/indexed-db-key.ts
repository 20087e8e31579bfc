/**
 * The key of the database, and its lock (libs/crypto, `guarded-store-key.ts`). One row holds all of it, and each change is
 * one transaction: after a crash the store is locked or it is not, and opens accordingly.
 */
import {
  createStoreKeyRow,
  lockStoreKeyRow,
  openStoreKeyRow,
  unlockStoreKeyRow,
  type GuardedKey,
  type WrappedStoreKey,
} from '@cipherchat/crypto';
import { systemRandom as random } from '../ports/random.js';
import { inTransaction, keys, only, settled } from './indexed-db-requests.js';
import { SealBrokenError } from './sealed-store.js';
import { StoreLockedError, type StoreLock } from './store.js';

/** @throws StoreLockedError; SealBrokenError when the row is not what this library wrote */
export async function openStoreKey(
  database: IDBDatabase,
  params: { readonly secret: Uint8Array | null; readonly erase: () => Promise<void> },
): Promise<{ readonly key: GuardedKey; readonly lock: StoreLock }> {
  const { secret, erase } = params;
  const row = await readOrMake(database);
  const opened = await openStoreKeyRow({ row, secret });
  if (opened.kind === 'key') return { key: opened.key, lock: lockOf(database, row, opened.lockKey) };
  if (row.lock === null || opened.code === 'not-authentic') throw new SealBrokenError();
  throw new StoreLockedError(opened.code, { hint: row.lock, erase });
}

/** Made when it is first opened, by whichever page is first. */
async function readOrMake(database: IDBDatabase): Promise<WrappedStoreKey> {
  // Made before the transaction, which would end while it waits for WebCrypto.
  const fresh = await createStoreKeyRow(random);
  return inTransaction(database, async (transaction) => {
    const store = transaction.objectStore(keys);
    const known = (await settled(store.get(only))) as WrappedStoreKey | undefined;
    if (known === undefined) store.put(fresh, only);
    return known ?? fresh;
  });
}

function lockOf(database: IDBDatabase, row: WrappedStoreKey, lockKey: GuardedKey | null): StoreLock {
  let held = { row, lockKey };
  const change = async (next: typeof held | null): Promise<void> => {
    if (next === null) throw new SealBrokenError();
    await inTransaction(database, async (transaction) => {
      transaction.objectStore(keys).put(next.row, only);
    });
    held = next;
  };
  return {
    hint: () => held.row.lock,
    set: async ({ credential, salt, secret }) =>
      change(await lockStoreKeyRow({ ...held, hint: { credential, salt }, secret, random })),
    remove: async () => {
      const open = await unlockStoreKeyRow({ ...held, random });
      await change(open === null ? null : { row: open, lockKey: null });
    },
  };
}
