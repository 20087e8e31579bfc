import { mkdirSync } from 'node:fs';
import {
  createServiceRoles,
  ExplainedError,
  natsServerProgram,
  nginxProgram,
  prepareDatabase,
  redisServerProgram,
  serviceDatabases,
  serviceUrl,
  startNats,
  startNginx,
  startPostgres,
  startRedis,
  withClient,
  type DatabaseService,
  type RunningServer,
  type Say,
} from '@cipherchat/test-kit';
import type { ServerPorts, ServicePorts } from './local-ports.js';
import { natsConfig, natsUsers, type NatsUser } from './nats-config.js';
import { inData } from './repository.js';
import { keptSecret, writeSecret } from './secrets.js';
import type { TlsFiles } from './tls.js';
import { webRoot } from './web-build.js';

/** A server of the local system, as it is supervised and listed. */
export type LocalServer = RunningServer & { readonly name: string; readonly logFile: string };

const databaseName = 'cipherchat';
const wrongPassword = '28P01';

export function logFileOf(name: string): string {
  return inData('logs', `${name}.log`);
}

/** Starts Postgres with everything of `.data/postgres` in it, synced at each commit. */
export async function startLocalPostgres(ports: ServerPorts): Promise<LocalServer> {
  mkdirSync(inData('logs'), { recursive: true });
  const logFile = logFileOf('postgres');
  const dataDir = inData('postgres');
  const password = keptSecret('postgres-admin-password');
  try {
    const server = await startPostgres({
      dataDir,
      port: ports.postgres,
      password,
      durability: 'fsync',
      logFile,
    });
    return { ...server, name: 'Postgres', logFile };
  } catch (error) {
    if ((error as { readonly code?: string }).code !== wrongPassword) throw error;
    throw new ExplainedError(
      'The password in .data/secrets is not that of the data in .data/postgres. `npm run reset` removes both.',
    );
  }
}

/** The server programs that do not come with npm; found or installed before anything starts. */
export type ServerPrograms = { readonly nats: string; readonly redis: string; readonly nginx: string };

export async function serverPrograms(say: Say): Promise<ServerPrograms> {
  return {
    nats: await natsServerProgram(say),
    redis: await redisServerProgram(say),
    nginx: await nginxProgram(say),
  };
}

export async function startLocalNats(ports: ServerPorts, program: string): Promise<LocalServer> {
  const passwords = Object.fromEntries(
    natsUsers.map((user) => [user, keptSecret(`nats-${user}-password`)]),
  ) as Record<NatsUser, string>;
  const logFile = logFileOf('nats');
  const server = await startNats({
    port: ports.nats,
    program,
    configFile: writeSecret('nats.conf', natsConfig(passwords)),
    logFile,
  });
  return { ...server, name: 'NATS', logFile };
}

export async function startLocalRedis(ports: ServerPorts, program: string): Promise<LocalServer> {
  const logFile = logFileOf('redis');
  const server = await startRedis({
    port: ports.redis,
    password: keptSecret('redis-password'),
    program,
    logFile,
  });
  return { ...server, name: 'Redis', logFile };
}

/** The one address that browsers and clients use: the web app, the API and the socket. */
export async function startLocalNginx(params: {
  readonly ports: ServicePorts;
  readonly program: string;
  readonly tls: TlsFiles | undefined;
}): Promise<LocalServer> {
  const { ports, program, tls } = params;
  const logFile = logFileOf('nginx');
  const on = (port: number): string => `127.0.0.1:${port}`;
  const server = await startNginx({
    port: ports.web,
    transport: tls === undefined ? { kind: 'plain' } : { kind: 'tls', ...tls },
    webRoot,
    auth: on(ports.auth),
    keyDirectory: on(ports.keyDirectory),
    messageStore: on(ports.messageStore),
    gateways: [on(ports.gatewayOne), on(ports.gatewayTwo)],
    program,
    logFile,
  });
  return { ...server, name: 'nginx', logFile };
}

/** Creates the database and the services' roles where they are missing and applies new migrations; returns their names. */
export async function migrateLocal(postgres: LocalServer): Promise<readonly string[]> {
  const passwords = Object.fromEntries(
    serviceDatabases.map(({ service }) => [service, keptSecret(`postgres-${service}-password`)]),
  ) as Record<DatabaseService, string>;
  await withClient(postgres.url, async (client) => {
    const known = await client.query('select 1 from pg_database where datname = $1', [databaseName]);
    if (known.rowCount === 0) await client.query(`create database ${databaseName}`);
  });
  await createServiceRoles({ adminUrl: postgres.url, passwords });
  return prepareDatabase({ adminUrl: adminUrl(postgres) });
}

/** The superuser's address of the database that the services use. */
export function adminUrl(postgres: LocalServer): string {
  const url = new URL(postgres.url);
  url.pathname = `/${databaseName}`;
  return url.href;
}

/** The file with the address of the database under the service's own role. */
export function databaseUrlFile(postgres: LocalServer, service: DatabaseService): string {
  const password = keptSecret(`postgres-${service}-password`);
  return writeSecret(
    `database-url-${service}`,
    serviceUrl({ adminUrl: adminUrl(postgres), service, password }),
  );
}

export function natsUrl(nats: LocalServer, user: NatsUser): string {
  const url = new URL(nats.url);
  url.username = user;
  url.password = keptSecret(`nats-${user}-password`);
  return url.href;
}
