/**
 * A store whose values are sealed before they reach another one: what lies on the disk is ciphertext, bound to its
 * table and key. Table names and keys stay readable (they are ids), and so does how much there is.
 */
import {
  generateRecordKey,
  lockKey,
  openGuardedRecord,
  openRecord,
  sealGuardedRecord,
  sealRecord,
  unlockKey,
  type GuardedKey,
  type OpenedRecord,
  type PassphraseParameters,
  type RecordPlace,
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
  /** 32 bytes, or one that its keeper does not hand out (`generateGuardedKey` of libs/crypto). */
  readonly key: Uint8Array | GuardedKey;
  readonly random?: Random;
}): Store {
  const { store, key: recordKey, random = systemRandom } = params;
  const sealer =
    recordKey instanceof Uint8Array ? sealerOf(recordKey, random) : guardedSealerOf(recordKey, random);
  const opened = async (table: string, { key, value }: StoreRow): Promise<StoreRow> => {
    const found = await sealer.open({ table, key }, value);
    if (found.kind === 'failure') throw new SealBrokenError();
    return { key, value: found.value };
  };
  return {
    get: async (table, key) => {
      const value = await store.get(table, key);
      return value === null ? null : (await opened(table, { key, value })).value;
    },
    scan: async (query) => Promise.all((await store.scan(query)).map((row) => opened(query.table, row))),
    // All is sealed before the write begins: what is below may not wait in the middle of a transaction.
    write: async (batch) =>
      store.write({
        ...batch,
        puts: await Promise.all(
          batch.puts.map(async ({ table, key, value }) => ({
            table,
            key,
            value: await sealer.seal({ table, key }, value),
          })),
        ),
      }),
    claimWriter: () => store.claimWriter(),
    close: () => store.close(),
    erase: () => store.erase(),
  };
}

type Sealer = {
  readonly seal: (place: RecordPlace, value: Uint8Array) => Uint8Array | Promise<Uint8Array>;
  readonly open: (place: RecordPlace, sealed: Uint8Array) => OpenedRecord | Promise<OpenedRecord>;
};

function sealerOf(recordKey: Uint8Array, random: Random): Sealer {
  return {
    seal: (place, value) => sealRecord({ recordKey, place, value, random }),
    open: (place, sealed) => openRecord({ recordKey, place, sealed }),
  };
}

function guardedSealerOf(recordKey: GuardedKey, random: Random): Sealer {
  return {
    seal: (place, value) => sealGuardedRecord({ recordKey, place, value, random }),
    open: (place, sealed) => openGuardedRecord({ recordKey, place, sealed }),
  };
}
