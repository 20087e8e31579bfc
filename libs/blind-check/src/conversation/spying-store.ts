import type { Store, StorePut } from '@cipherchat/client-sdk';

/** A client's store that remembers everything ever put into it, also what was replaced or deleted since. */
export type SpyingStore = { readonly store: Store; readonly puts: () => readonly StorePut[] };

/** Stands above a sealed store, so that it sees what the client sees. */
export function spyOn(store: Store): SpyingStore {
  const puts: StorePut[] = [];
  return {
    store: {
      ...store,
      write: async (batch) => {
        puts.push(...batch.puts);
        await store.write(batch);
      },
    },
    puts: () => [...puts],
  };
}
