/**
 * The port to durable storage: named tables of bytes under text keys, in key order.
 *
 * Invariants that every implementation keeps (`testing/store-conformance.ts` checks them):
 * - `write` is all or nothing, and when its promise resolves the write survives a power cut
 *   (SQLite `synchronous=FULL`, IndexedDB `durability: 'strict'`).
 * - `write` aborts with `SupersededError` when another writer has claimed the store since: the
 *   check and the write are one transaction. Two writers of one device would use an MLS ratchet
 *   step, and with it a nonce, twice.
 * - Reads see every write that resolved. Values are copied both ways; keys order by UTF-16 code units
 *   (ours are ASCII).
 */
export interface Store {
  readonly get: (table: string, key: string) => Promise<Uint8Array | null>;
  readonly scan: (query: ScanQuery) => Promise<readonly StoreRow[]>;
  /** @throws SupersededError */
  readonly write: (batch: WriteBatch) => Promise<void>;
  /** Makes the caller the only writer, durably, and returns its generation: one more than any before. */
  readonly claimWriter: () => Promise<number>;
  readonly close: () => Promise<void>;
  /** Deletes all that is in it, durably, whoever is its writer, and closes it. Opened again, it is empty. */
  readonly erase: () => Promise<void>;
  /** Where it can be locked by a secret besides. */
  readonly lock?: StoreLock;
}

/** Which passkey opens a store, and what it is asked; neither is a secret. */
export type LockHint = { readonly credential: Uint8Array; readonly salt: Uint8Array };

/**
 * The lock of a store that is open. Locked, it is opened by the secret (at least 32 bytes, for instance the output of a
 * passkey's PRF) and not without. Each change is durable or did not happen.
 */
export type StoreLock = {
  /** `null` while it opens by itself. */
  readonly hint: () => LockHint | null;
  /** The first lock, or another in its place. */
  readonly set: (lock: LockHint & { readonly secret: Uint8Array }) => Promise<void>;
  readonly remove: () => Promise<void>;
};

/** The store is there, and opens by a secret only. */
export class StoreLockedError extends Error {
  override readonly name = 'StoreLockedError';
  readonly hint: LockHint | null;
  /** Deletes it unopened: for whoever has lost the secret. */
  readonly erase: () => Promise<void>;
  constructor(
    /** `locked`: no secret was given. */
    readonly reason: 'locked' | 'wrong-secret',
    of: { readonly hint: LockHint; readonly erase: () => Promise<void> } | null = null,
  ) {
    super(`the store is locked: ${reason}`);
    this.hint = of?.hint ?? null;
    this.erase = of?.erase ?? (() => Promise.resolve());
  }
}

/** A value under its key. */
export type StoreRow = { readonly key: string; readonly value: Uint8Array };

/** Keys that begin with `prefix`, in order (or reverse order), after `after` (in that order; exclusive), at most `limit`. */
export type ScanQuery = {
  readonly table: string;
  readonly prefix: string;
  readonly after?: string;
  readonly limit: number;
  readonly order?: 'ascending' | 'descending';
};

/** A value to write. */
export type StorePut = StoreRow & { readonly table: string };
/** A key to delete; nothing happens when it is not there. */
export type StoreDelete = { readonly table: string; readonly key: string };

/** A key appears at most once in a batch. */
export type WriteBatch = {
  readonly writerGeneration: number;
  readonly puts: readonly StorePut[];
  readonly deletes: readonly StoreDelete[];
};

/** Another writer has taken over this store (another tab, another process): reload everything or stop. */
export class SupersededError extends Error {
  override readonly name = 'SupersededError';
  constructor() {
    super('another writer has taken over this store');
  }
}
