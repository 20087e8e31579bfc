/**
 * A tab's worker in a browser: stands in line to host a list of texts in IndexedDB, and says when it does. Started by
 * `tabs.browser.spec.ts` with the names of the lock and the database after the `#`.
 */
import { openIndexedDbStore } from '../store/indexed-db-store.js';
import { systemClock } from '../ports/clock.js';
import { hostClient } from '../tabs/host-client.js';
import { browserChannel, browserLocks } from '../tabs/tab-ports.js';

const table = 'texts';
const name = location.hash.slice(1);

hostClient({
  name,
  channel: browserChannel(name),
  locks: browserLocks,
  clock: systemClock,
  newId: () => crypto.randomUUID(),
  open: async () => {
    const store = await openIndexedDbStore({ name });
    const writerGeneration = await store.claimWriter();
    let tell: (event: unknown) => void = () => undefined;
    postMessage('hosting');
    return {
      call: async (call, params) => {
        if (call === 'append') {
          const { key, text } = params as { readonly key: string; readonly text: string };
          await store.write({
            writerGeneration,
            puts: [{ table, key, value: new TextEncoder().encode(text) }],
            deletes: [],
          });
          tell(text);
        }
        const rows = await store.scan({ table, prefix: '', limit: 1_000 });
        return rows.map(({ value }) => new TextDecoder().decode(value));
      },
      listen: (listener) => (tell = listener),
      ended: new Promise<void>(() => undefined),
      close: () => store.close(),
    };
  },
});
