/**
 * The tab's worker: stands in line to host the client, so that keys, ratchets and the database are never touched by the
 * thread that draws. The page compiles the engine while this script loads, and hands it over.
 */
import { openIndexedDbStore } from '@cipherchat/client-sdk/indexed-db';
import { browserChannel, browserLocks, hostClient, openHosted } from '@cipherchat/client-sdk/tabs';
import { systemClock } from '@cipherchat/client-sdk';
import { database, tabs } from './session/names.js';

addEventListener('message', ({ data }: MessageEvent<WebAssembly.Module>) => host(data), { once: true });

function host(mlsWasm: WebAssembly.Module): void {
  hostClient({
    name: tabs,
    channel: browserChannel(tabs),
    locks: browserLocks,
    clock: systemClock,
    newId: () => crypto.randomUUID(),
    open: () =>
      openHosted(async (secret) => ({
        store: await openIndexedDbStore({ name: database, ...(secret === undefined ? {} : { secret }) }),
        mlsWasm,
      })),
  });
}
