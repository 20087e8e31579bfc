/**
 * The floor: a bare `ws` relay in one process, without accounts, limits, logs or any protocol. With `?insert` it
 * awaits one prepared insert per message before it forwards and acknowledges, which is the least that a server must
 * do whose "sent" means durable.
 */
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { randomFreePort, startProcess, temporaryFolder, waitUntilReady } from '@cipherchat/test-kit';
import type { ConnectParams, Endpoint, StartParams, Target } from '../driver.js';
import { connectPlainly } from './plain-socket.js';
import { relayIsReady } from './relay-ready.js';

const program = fileURLToPath(new URL('./relay-process.js', import.meta.url));
const readyTimeoutMs = 10_000;
const helloBytes = 4;

type RelayMember = { readonly port: number; readonly room: number };

export async function start({ url, postgresUrl, postgresPid }: StartParams): Promise<Target> {
  const stores = new URL(url).searchParams.has('insert');
  const folder = temporaryFolder('relay');
  const port = await randomFreePort();
  const command = {
    name: 'relay',
    program: process.execPath,
    args: [program, String(port), ...(stores ? [postgresUrl] : [])],
    stopSignal: 'SIGTERM',
    logFile: path.join(folder.path, 'relay.log'),
  } as const;
  const server = await startProcess(command);
  await waitUntilReady({
    command,
    process: server,
    isReady: () => relayIsReady(port),
    timeoutMs: readyTimeoutMs,
  });
  let rooms = 0;
  return {
    name: stores ? 'relay with an insert' : 'relay',
    rooms: ({ count, members }) =>
      Promise.resolve(
        Array.from({ length: count }, () => {
          const room = rooms++;
          return Array.from({ length: members }, (): RelayMember => ({ port, room }));
        }),
      ),
    processes: [
      { name: 'relay', pid: server.pid },
      ...(stores ? [{ name: 'postgres', pid: postgresPid }] : []),
    ],
    stop: async () => {
      await server.stop();
      folder.remove();
    },
  };
}

/** Says which room it is in. */
export function connect(params: ConnectParams): Promise<Endpoint> {
  const { port, room } = params.member as RelayMember;
  const hello = Buffer.alloc(helloBytes);
  hello.writeUInt32BE(room);
  return connectPlainly(params, { port, hello });
}
