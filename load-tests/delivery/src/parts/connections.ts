import type { CipherChat } from '../drivers/cipherchat.js';
import { LoadClient } from '../load/load-client.js';
import { residentBytes } from '@cipherchat/test-kit';
import type { Measured } from './measure.js';

/** Each has its own loopback address, and stays far below the usual limit of open files. */
const socketsPerProcess = 2_500;
const atOncePerProcess = 16;
const firstAddress = 2;
/** So that the code and the heap have grown to what they need before the first counted socket. */
const warmUpSockets = 500;
const settleMs = 5_000;

export type Connections = {
  readonly sockets: number;
  /** Sockets that became ready in a second, over the whole time; all on one gateway, with unexpired tokens. */
  readonly readyPerSecond: number;
  readonly bytesPerSocket: number;
};

export async function measureConnections(
  target: Measured & Pick<CipherChat, 'gatewayPids'>,
  sockets: number,
): Promise<Connections> {
  const gatewayPid = target.gatewayPids[0] ?? 0;
  const people = await target.rooms({ count: sockets + warmUpSockets, members: 1 });
  const processes = Math.ceil(sockets / socketsPerProcess);
  const loads = Array.from({ length: processes }, () => LoadClient.start());
  try {
    const open = (load: LoadClient, first: number, count: number): Promise<number> =>
      load.open({
        driver: target.driver,
        rooms: people.slice(first, first + count),
        concurrency: atOncePerProcess,
        localAddress: `127.0.0.${firstAddress + loads.indexOf(load)}`,
      });
    const [firstLoad] = loads;
    if (firstLoad === undefined) throw new RangeError('no sockets');
    await open(firstLoad, sockets, warmUpSockets);
    await firstLoad.close();
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    const before = residentBytes(gatewayPid);
    const elapsedMs = await Promise.all(
      loads.map((load, index) =>
        open(
          load,
          index * socketsPerProcess,
          Math.min(socketsPerProcess, sockets - index * socketsPerProcess),
        ),
      ),
    );
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    const after = residentBytes(gatewayPid);
    await Promise.all(loads.map((load) => load.close()));
    return {
      sockets,
      readyPerSecond: (sockets * 1_000) / Math.max(...elapsedMs),
      bytesPerSocket: (after - before) / sockets,
    };
  } finally {
    for (const load of loads) load.end();
  }
}
