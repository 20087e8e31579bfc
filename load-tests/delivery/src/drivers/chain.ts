/**
 * What the shape of our system costs before it does anything: the same hops (two gateways, NATS, a store that commits
 * batches to Postgres, one publish per member), without accounts, sessions, limits, roles, deduplication, places in a
 * log, cursors, logs or metrics. Ours as a ratio to the relay is this shape times our own work; ours as a ratio to
 * this is our own work alone.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  randomFreePort,
  startNats,
  startProcess,
  temporaryFolder,
  waitUntilReady,
} from '@cipherchat/test-kit';
import { chainName } from '../results.js';
import type { ConnectParams, Endpoint, StartParams, Target } from '../driver.js';
import { connectPlainly } from './plain-socket.js';
import { relayIsReady } from './relay-ready.js';

const readyTimeoutMs = 10_000;
const fieldBytes = 4;

type ChainMember = {
  readonly port: number;
  readonly room: number;
  readonly member: number;
  readonly members: number;
};

export async function start({ postgresUrl, postgresPid }: StartParams): Promise<Target> {
  const folder = temporaryFolder('chain');
  const nats = await startNats();
  const run = async (name: string, file: string, more: readonly string[]) => {
    const port = await randomFreePort();
    const program = fileURLToPath(new URL(file, import.meta.url));
    const command = {
      name,
      program: process.execPath,
      args: [program, String(port), nats.url, ...more],
      stopSignal: 'SIGTERM',
      logFile: path.join(folder.path, `${name}.log`),
    } as const;
    const server = await startProcess(command);
    const isReady = (): Promise<boolean> => relayIsReady(port);
    await waitUntilReady({ command, process: server, isReady, timeoutMs: readyTimeoutMs });
    return { name, port, server };
  };
  const store = await run('store', './chain-store-process.js', [postgresUrl]);
  const gateways = [
    await run('gateway-1', './chain-gateway-process.js', []),
    await run('gateway-2', './chain-gateway-process.js', []),
  ];
  let rooms = 0;
  return {
    name: chainName,
    rooms: ({ count, members }) =>
      Promise.resolve(
        Array.from({ length: count }, () => {
          const room = rooms++;
          return Array.from({ length: members }, (_, member): ChainMember => {
            const port = gateways[member % gateways.length]?.port ?? 0;
            return { port, room, member, members };
          });
        }),
      ),
    processes: [
      ...[store, ...gateways].map(({ name, server }) => ({ name, pid: server.pid })),
      { name: 'nats', pid: nats.pid },
      { name: 'postgres', pid: postgresPid },
    ],
    stop: async () => {
      for (const { server } of [...gateways, store]) await server.stop();
      await nats.stop();
      folder.remove();
    },
  };
}

/** Says who it is. */
export function connect(params: ConnectParams): Promise<Endpoint> {
  const { port, ...place } = params.member as ChainMember;
  const hello = Buffer.alloc(3 * fieldBytes);
  [place.room, place.member, place.members].forEach((value, field) =>
    hello.writeUInt32BE(value, field * fieldBytes),
  );
  return connectPlainly(params, { port, hello });
}
