import { SupersededError, type ScanQuery, type Store, type StoreRow, type WriteBatch } from './store.js';

/** The content of a memory store, apart from it, so that it outlives a simulated crash of its user. */
export type MemoryDisk = { readonly tables: Map<string, Map<string, Uint8Array>>; writerGeneration: number };

/** An empty disk for `createMemoryStore`. */
export function createMemoryDisk(): MemoryDisk {
  return { tables: new Map(), writerGeneration: 0 };
}

/**
 * A store in memory, for tests and for clients that keep nothing. What was written stays in `disk`;
 * opening a second store on the same disk is what a restart, or a second process, would be.
 */
export function createMemoryStore(disk: MemoryDisk = createMemoryDisk()): Store {
  const table = (name: string): Map<string, Uint8Array> => {
    const found = disk.tables.get(name) ?? new Map<string, Uint8Array>();
    disk.tables.set(name, found);
    return found;
  };
  return {
    get: (name, key) => Promise.resolve(table(name).get(key)?.slice() ?? null),
    scan: (query) => Promise.resolve(scanRows(table(query.table), query)),
    write: (batch) => {
      if (batch.writerGeneration !== disk.writerGeneration) return Promise.reject(new SupersededError());
      applyBatch(batch, table);
      return Promise.resolve();
    },
    claimWriter: () => Promise.resolve(++disk.writerGeneration),
    close: () => Promise.resolve(),
    erase: () => {
      disk.tables.clear();
      disk.writerGeneration++;
      return Promise.resolve();
    },
  };
}

function applyBatch(batch: WriteBatch, table: (name: string) => Map<string, Uint8Array>): void {
  for (const put of batch.puts) table(put.table).set(put.key, put.value.slice());
  for (const target of batch.deletes) table(target.table).delete(target.key);
}

function scanRows(rows: ReadonlyMap<string, Uint8Array>, query: ScanQuery): readonly StoreRow[] {
  const { prefix, after, limit, order = 'ascending' } = query;
  const keys = [...rows.keys()].filter((key) => key.startsWith(prefix)).sort();
  if (order === 'descending') keys.reverse();
  const isPast = (key: string): boolean =>
    after === undefined || (order === 'ascending' ? key > after : key < after);
  return keys
    .filter(isPast)
    .slice(0, limit)
    .map((key) => ({ key, value: rows.get(key)?.slice() ?? new Uint8Array(0) }));
}
