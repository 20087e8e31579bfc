import { connect } from 'node:net';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { randomFreePort } from './free-port.js';
import { redisServerProgram } from './install-program.js';
import { startProcess, waitUntilReady, type RunningServer, type ServerCommand } from './server-process.js';
import { temporaryFolder } from './temporary-folder.js';

const readyTimeoutMs = 10_000;
/** Tests of a run take a numbered database each, see `shared-servers.ts`. */
export const redisDatabases = 4_096;

export type RedisParams = {
  readonly port?: number;
  readonly password?: string;
  readonly program?: string;
  readonly logFile?: string;
};

/**
 * Starts a real redis-server on the loopback address. It keeps nothing on disk: what we hold in Redis
 * (challenges, limits, presence) is allowed to vanish.
 */
export async function startRedis(params: RedisParams = {}): Promise<RunningServer> {
  const port = params.port ?? (await randomFreePort());
  const password = params.password ?? randomBytes(18).toString('base64url');
  const folder = temporaryFolder('redis');
  // In a file, since everyone on the machine may read a process's arguments.
  const configFile = path.join(folder.path, 'redis.conf');
  const lines = [
    'bind 127.0.0.1',
    `port ${port}`,
    `requirepass ${password}`,
    `databases ${redisDatabases}`,
    `dir ${JSON.stringify(folder.path)}`,
    'save ""',
    'appendonly no',
    'daemonize no',
  ];
  writeFileSync(configFile, `${lines.join('\n')}\n`, { mode: 0o600 });
  const command: ServerCommand = {
    name: 'redis-server',
    program: params.program ?? (await redisServerProgram(() => {})),
    args: [configFile],
    cwd: '/',
    stopSignal: 'SIGTERM',
    logFile: params.logFile ?? path.join(folder.path, 'redis.log'),
  };
  const server = await startProcess(command);
  await waitUntilReady({
    command,
    process: server,
    isReady: () => answers({ port, password, pid: server.pid }),
    timeoutMs: readyTimeoutMs,
  });
  return {
    ...server,
    url: `redis://:${password}@127.0.0.1:${port}/0`,
    port,
    stop: async () => {
      await server.stop();
      folder.remove();
    },
  };
}

/** It serves when it tells our process id to whoever has our password; another server on the port would not. */
function answers(params: {
  readonly port: number;
  readonly password: string;
  readonly pid: number;
}): Promise<boolean> {
  const { port, password, pid } = params;
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () =>
      socket.write(`AUTH ${password}\r\nINFO server\r\nQUIT\r\n`),
    );
    let said = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => (said += chunk));
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(said.includes(`process_id:${pid}\r\n`)));
  });
}
