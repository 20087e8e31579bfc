import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { inheritedEnvironment } from './config.js';
import { randomFreePort } from './free-port.js';
import { natsServerProgram } from './install-program.js';
import { startProcess, waitUntilReady, type RunningServer, type ServerCommand } from './server-process.js';
import { temporaryFolder } from './temporary-folder.js';

const readyTimeoutMs = 10_000;
/**
 * Half of the cores: all else is on this machine, too, and threads of Go that look for work take what others need (of two
 * cores a fifth less for the same messages).
 */
const goThreads = Math.max(1, Math.floor(availableParallelism() / 2));

export type NatsParams = {
  readonly port?: number;
  /** A nats-server configuration file (users, permissions, JetStream); address and port stay ours. */
  readonly configFile?: string;
  /** The nats-server to run instead of the best one found. */
  readonly program?: string;
  readonly logFile?: string;
};

/** Starts a real nats-server on the loopback address. Without a configuration file it asks for no credentials. */
export async function startNats(params: NatsParams = {}): Promise<RunningServer> {
  const port = params.port ?? (await randomFreePort());
  const temporary = params.logFile === undefined ? temporaryFolder('nats') : undefined;
  const config = params.configFile === undefined ? [] : ['--config', params.configFile];
  const name = `local-${randomBytes(6).toString('hex')}`; // by which we know it from another server on the port
  const command: ServerCommand = {
    name: 'nats-server',
    program: params.program ?? (await natsServerProgram(() => {})),
    args: [...config, '--name', name, '--addr', '127.0.0.1', '--port', String(port)],
    cwd: '/',
    env: inheritedEnvironment({ GOMAXPROCS: String(goThreads) }),
    stopSignal: 'SIGINT',
    logFile: params.logFile ?? path.join(temporary?.path ?? '', 'nats.log'),
  };
  const server = await startProcess(command);
  await waitUntilReady({
    command,
    process: server,
    isReady: () => greets({ port, name }),
    timeoutMs: readyTimeoutMs,
  });
  return {
    ...server,
    url: `nats://127.0.0.1:${port}`,
    port,
    stop: async () => {
      await server.stop();
      temporary?.remove();
    },
  };
}

/** A nats-server speaks first: its INFO line says that it serves, and who it is. */
function greets({ port, name }: { readonly port: number; readonly name: string }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const answer = (yes: boolean): void => {
      socket.destroy();
      resolve(yes);
    };
    socket.once('data', (chunk) => answer(chunk.toString('latin1').includes(`"server_name":"${name}"`)));
    socket.once('error', () => answer(false));
    socket.once('close', () => answer(false));
  });
}
