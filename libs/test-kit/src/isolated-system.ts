import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { inheritedEnvironment } from './config.js';
import { randomFreePort } from './free-port.js';
import { startNats } from './nats-server.js';
import { startPostgres, type PostgresParams } from './postgres-server.js';
import { startRedis } from './redis-server.js';
import { startProcess, waitUntilReady, type RunningServer, type ServerCommand } from './server-process.js';
import {
  createServiceRoles,
  prepareDatabase,
  serviceUrl,
  withClient,
  type DatabaseService,
} from './service-database.js';
import { temporaryFolder } from './temporary-folder.js';

/**
 * The whole system, apart from any other on this machine: every server and service as a process of its own, on
 * random ports, with empty stores, gone when this process ends however it ends. The services run from `dist/`, as
 * they do in production: build first.
 */
export type IsolatedSystem = {
  /** The one address that a client needs. */
  readonly serverUrl: string;
  readonly services: readonly IsolatedService[];
  readonly postgres: { readonly adminUrl: string; readonly pid: number };
  /** An address that may subscribe to everything. */
  readonly nats: { readonly url: string; readonly pid: number };
  readonly redis: { readonly url: string; readonly pid: number };
  /** Makes the first administrator. */
  readonly bootstrapToken: string;
  readonly stop: () => Promise<void>;
};

export type IsolatedService = {
  readonly service: ServiceName;
  /** `gateway-1`, `gateway-2`. */
  readonly instance: string;
  readonly url: string;
  readonly pid: number;
  readonly logFile: string;
};

export type IsolatedSystemParams = {
  /** Where the services' logs go; a temporary folder unless said. */
  readonly logDir?: string;
  /** For every service, on top of what it needs. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The origin by which clients are told to reach a service: for a proxy in front of it. Asked before anything starts. */
  readonly publicOrigin?: (origin: string) => Promise<string>;
  readonly registration?: 'open' | 'invite';
  /** When the servers run and no service does yet: for recorders that must miss nothing. */
  readonly beforeServices?: (servers: {
    readonly natsUrl: string;
    readonly redisUrl: string;
  }) => Promise<void>;
  /** Of Postgres: `fsync` for benchmarks and crashes of the machine; `none`, which is faster, unless said. */
  readonly durability?: PostgresParams['durability'];
};

type ServiceName = DatabaseService | 'gateway';
type Planned = {
  readonly service: ServiceName;
  readonly instance: string;
  readonly port: number;
  readonly url: string;
  readonly publicUrl: string;
};

const appsDir = fileURLToPath(new URL('../../../apps', import.meta.url));
const databaseName = 'cipherchat';
const readyTimeoutMs = 60_000;
const instances: ReadonlyArray<Pick<Planned, 'service' | 'instance'>> = [
  { service: 'auth', instance: 'auth-1' },
  { service: 'key-directory', instance: 'key-directory-1' },
  { service: 'message-store', instance: 'message-store-1' },
  { service: 'gateway', instance: 'gateway-1' },
  { service: 'gateway', instance: 'gateway-2' },
];

export async function startIsolatedSystem(params: IsolatedSystemParams = {}): Promise<IsolatedSystem> {
  const folder = temporaryFolder('system');
  const logDir = params.logDir ?? folder.path;
  mkdirSync(logDir, { recursive: true });
  const [postgres, nats, redis, plan] = await Promise.all([
    startPostgres({ durability: params.durability ?? 'none' }),
    startNats(),
    startRedis(),
    planServices(params),
  ]);
  const servers = [redis, nats, postgres];
  const services: RunningServer[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(services.map((service) => service.stop()));
    for (const server of servers) await server.stop();
    folder.remove();
  };
  try {
    const adminUrl = databaseUrl(postgres.url);
    const passwords = {
      auth: randomSecret(),
      'key-directory': randomSecret(),
      'message-store': randomSecret(),
    };
    await withClient(postgres.url, (client) => client.query(`create database ${databaseName}`));
    await createServiceRoles({ adminUrl: postgres.url, passwords });
    await prepareDatabase({ adminUrl });
    await params.beforeServices?.({ natsUrl: nats.url, redisUrl: redis.url });
    const bootstrapToken = randomSecret();
    const environmentOf = serviceEnvironments({
      params,
      plan,
      folder: folder.path,
      adminUrl,
      passwords,
      natsUrl: nats.url,
      redisUrl: redis.url,
      bootstrapToken,
    });
    const start = async (planned: Planned): Promise<IsolatedService> => {
      const logFile = path.join(logDir, `${planned.instance}.log`);
      const running = await startService({ planned, logFile, environment: environmentOf(planned) });
      services.push(running);
      return {
        service: planned.service,
        instance: planned.instance,
        url: planned.url,
        pid: running.pid,
        logFile,
      };
    };
    // Tokens are checked with auth's keys, so it comes first; gateways ask the store for its generation.
    const started = [
      await start(planOf(plan, 'auth')),
      ...(await Promise.all(plan.filter(isBackend).map(start))),
      ...(await Promise.all(plan.filter(isGateway).map(start))),
    ];
    return {
      serverUrl: planOf(plan, 'auth').publicUrl,
      services: started,
      postgres: { adminUrl, pid: postgres.pid },
      nats: { url: nats.url, pid: nats.pid },
      redis: { url: redis.url, pid: redis.pid },
      bootstrapToken,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const isBackend = ({ service }: Planned): boolean =>
  service === 'key-directory' || service === 'message-store';
const isGateway = ({ service }: Planned): boolean => service === 'gateway';

async function planServices({ publicOrigin }: IsolatedSystemParams): Promise<readonly Planned[]> {
  const planned: Planned[] = [];
  for (const { service, instance } of instances) {
    const port = await randomFreePort();
    const url = `http://127.0.0.1:${port}`;
    planned.push({
      service,
      instance,
      port,
      url,
      publicUrl: publicOrigin === undefined ? url : await publicOrigin(url),
    });
  }
  return planned;
}

function planOf(plan: readonly Planned[], service: ServiceName): Planned {
  const found = plan.find((planned) => planned.service === service);
  if (found === undefined) throw new RangeError(`no ${service} is planned`);
  return found;
}

function serviceEnvironments(known: {
  readonly params: IsolatedSystemParams;
  readonly plan: readonly Planned[];
  readonly folder: string;
  readonly adminUrl: string;
  readonly passwords: Readonly<Record<DatabaseService, string>>;
  readonly natsUrl: string;
  readonly redisUrl: string;
  readonly bootstrapToken: string;
}): (planned: Planned) => Readonly<Record<string, string>> {
  const { params, plan, folder, adminUrl, passwords } = known;
  const signingKeyFile = path.join(folder, 'auth-signing-key.pem');
  writeFileSync(
    signingKeyFile,
    generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }),
    { mode: 0o600 },
  );
  const shared = {
    NODE_ENV: 'production',
    TZ: 'UTC',
    HOST: '127.0.0.1',
    NATS_URL: known.natsUrl,
    REDIS_URL: known.redisUrl,
    ADDRESS_HASH_KEY: randomSecret(),
    AUTH_JWKS_URL: `${planOf(plan, 'auth').url}/v1/auth/jwks.json`,
    DRAIN_TIMEOUT_MS: '2000',
    ...params.environment,
  };
  const own = (planned: Planned): Readonly<Record<string, string>> => {
    const { service } = planned;
    switch (service) {
      case 'auth':
        return {
          AUTH_SIGNING_KEY_FILE: signingKeyFile,
          BOOTSTRAP_TOKEN: known.bootstrapToken,
          REGISTRATION: params.registration ?? 'open',
          PUBLIC_AUTH_URL: planned.publicUrl,
          PUBLIC_KEYS_URL: planOf(plan, 'key-directory').publicUrl,
          PUBLIC_CONVERSATIONS_URL: planOf(plan, 'message-store').publicUrl,
          PUBLIC_GATEWAY_URLS: plan
            .filter(isGateway)
            .map(({ publicUrl }) => publicUrl.replace(/^http/, 'ws'))
            .join(','),
        };
      case 'gateway':
        return { DRAIN_WINDOW_MS: '500' };
      case 'key-directory':
      case 'message-store':
        return {};
    }
  };
  return (planned) => {
    const { service, instance, port } = planned;
    const database =
      service === 'gateway'
        ? {}
        : { DATABASE_URL: serviceUrl({ adminUrl, service, password: passwords[service] }) };
    return { ...shared, ...database, PORT: String(port), SERVICE_INSTANCE: instance, ...own(planned) };
  };
}

async function startService(params: {
  readonly planned: Planned;
  readonly logFile: string;
  readonly environment: Readonly<Record<string, string>>;
}): Promise<RunningServer> {
  const { planned, logFile, environment } = params;
  const command: ServerCommand = {
    name: planned.instance,
    program: process.execPath,
    args: ['--enable-source-maps', path.join(appsDir, planned.service, 'dist/main.js')],
    cwd: path.dirname(appsDir),
    env: { PATH: inheritedEnvironment()['PATH'], ...environment },
    stopSignal: 'SIGTERM',
    logFile,
  };
  const server = await startProcess(command);
  await waitUntilReady({
    command,
    process: server,
    isReady: () => isReady(planned.url),
    timeoutMs: readyTimeoutMs,
  });
  return { ...server, url: planned.url, port: planned.port };
}

async function isReady(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/healthz/ready`, {
      signal: AbortSignal.timeout(2_000),
      headers: { connection: 'close' },
    });
    await answer.body?.cancel();
    return answer.status === 200;
  } catch {
    return false; // it does not listen yet
  }
}

function randomSecret(): string {
  return randomBytes(24).toString('base64url');
}

function databaseUrl(serverUrl: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${databaseName}`;
  return url.href;
}
