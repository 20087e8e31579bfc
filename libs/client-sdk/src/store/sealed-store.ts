/**
 * A store whose values are sealed before they reach another one: what lies on the disk is ciphertext, bound to its
 * table and key. Table names and keys stay readable (they are ids), and so does how much there is.
 */
import {
  generateRecordKey,
  lockKey,
  openRecord,
  sealRecord,
  unlockKey,
  type PassphraseParameters,
} from '@cipherchat/crypto';
import { systemRandom, type Random } from '../ports/random.js';
import type { Store, StoreRow } from './store.js';

/** A value that this key does not open: another key, or changed bytes. */
export class SealBrokenError extends Error {
  override readonly name = 'SealBrokenError';
  constructor() {
    super('a stored value cannot be opened with this key');
  }
}

/** A 32-byte key for `sealStore`, and the same locked with a passphrase: keep `locked` beside the store. Takes about a second. */
export function createStoreKey(params: {
  readonly passphrase: string;
  readonly random?: Random;
  /** Weaker ones are for tests. */
  readonly parameters?: PassphraseParameters;
}): { readonly key: Uint8Array; readonly locked: Uint8Array } {
  const { passphrase, random = systemRandom, parameters } = params;
  const key = generateRecordKey(random);
  return {
    key,
    locked: lockKey({ key, passphrase, random, ...(parameters === undefined ? {} : { parameters }) }),
  };
}

/** The key again; `null` for a wrong passphrase, or a locked key that was changed. Takes about a second. */
export function unlockStoreKey(params: {
  readonly locked: Uint8Array;
  readonly passphrase: string;
}): Uint8Array | null {
  const unlocked = unlockKey(params);
  return unlocked.kind === 'key' ? unlocked.key : null;
}

/** Seals values on the way in and opens them on the way out. Reads throw `SealBrokenError`. */
export function sealStore(params: {
  readonly store: Store;
  readonly key: Uint8Array;
  readonly random?: Random;
}): Store {
  const { store, key: recordKey, random = systemRandom } = params;
  const opened = (table: string, row: StoreRow): StoreRow => {
    const found = openRecord({ recordKey, place: { table, key: row.key }, sealed: row.value });
    if (found.kind === 'failure') throw new SealBrokenError();
    return { key: row.key, value: found.value };
  };
  return {
    get: async (table, key) => {
      const value = await store.get(table, key);
      return value === null ? null : opened(table, { key, value }).value;
    },
    scan: async (query) => (await store.scan(query)).map((row) => opened(query.table, row)),
    write: (batch) =>
      store.write({
        ...batch,
        puts: batch.puts.map(({ table, key, value }) => ({
          table,
          key,
          value: sealRecord({ recordKey, place: { table, key }, value, random }),
        })),
      }),
    claimWriter: () => store.claimWriter(),
    close: () => store.close(),
  };
}
