import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { randomFreePort } from './free-port.js';
import {
  isBackend,
  isGateway,
  planOf,
  planServices,
  randomSecret,
  serviceEnvironments,
  startService,
  type PlannedService,
  type ServiceName,
} from './isolated-services.js';
import { originOf, startIsolatedWeb, type WebParams } from './isolated-web.js';
import { startNats } from './nats-server.js';
import { startPostgres, type PostgresParams } from './postgres-server.js';
import { startRedis } from './redis-server.js';
import { startRestartable, type RestartableServer } from './restartable-server.js';
import { createServiceRoles, prepareDatabase, withClient } from '@cipherchat/migrations';
import { runServiceProgram, type ServiceProgram } from './service-program.js';
import { temporaryFolder } from './temporary-folder.js';

/**
 * The whole system, apart from any other on this machine: every server and service as a process of its own, on
 * random ports, with empty stores, gone when this process ends however it ends. The services run from `dist/`, as
 * they do in production: build first. Each can be ended and started again, for tests of faults.
 */
export type IsolatedSystem = {
  /** The one address that a client needs. */
  readonly serverUrl: string;
  readonly services: readonly IsolatedService[];
  readonly postgres: RestartableServer & { readonly adminUrl: string; readonly dataDir: string };
  /** An address that may subscribe to everything. */
  readonly nats: RestartableServer;
  readonly redis: RestartableServer;
  /** nginx, where one was asked for. */
  readonly web: RestartableServer | undefined;
  /** Makes the first administrator. */
  readonly bootstrapToken: string;
  /** Runs a program of an operator beside a service, and returns what it said. @throws ExplainedError when it fails */
  readonly operate: (program: ServiceProgram) => Promise<string>;
  readonly stop: () => Promise<void>;
};

export type IsolatedService = RestartableServer & {
  readonly service: ServiceName;
  /** `gateway-1`, `gateway-2`. */
  readonly instance: string;
  readonly logFile: string;
};

export type IsolatedSystemParams = {
  /** Where the services' logs go; a temporary folder unless said. */
  readonly logDir?: string;
  /** For every service, on top of what it needs. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The address on which the services listen, for clients on another host; loopback unless said. The servers stay there. */
  readonly host?: string;
  /** Replicas of the message store; one unless said. */
  readonly messageStores?: number;
  /** The origin by which clients are told to reach a service: for a proxy in front of it. Asked before anything starts. */
  readonly publicOrigin?: (origin: string) => Promise<string>;
  /** The address by which a service reaches NATS: for a proxy between. Asked once for each, before it starts. */
  readonly natsUrlFor?: (params: { readonly instance: string; readonly natsUrl: string }) => Promise<string>;
  readonly registration?: 'open' | 'invite';
  /** Serve this build of the web app, and everything else on the same origin. */
  readonly web?: WebParams;
  /** When the servers run and no service does yet: for recorders that must miss nothing. */
  readonly beforeServices?: (servers: {
    readonly natsUrl: string;
    readonly redisUrl: string;
  }) => Promise<void>;
  /** Of Postgres: `fsync` for benchmarks and crashes of the machine; `none`, which is faster, unless said. */
  readonly durability?: PostgresParams['durability'];
  /** Where Postgres keeps its data; a temporary folder unless said. */
  readonly postgresDataDir?: string;
  /** More settings of Postgres, as in postgresql.conf. */
  readonly postgresSettings?: PostgresParams['settings'];
};

const databaseName = 'cipherchat';

export async function startIsolatedSystem(params: IsolatedSystemParams = {}): Promise<IsolatedSystem> {
  const folder = temporaryFolder('system');
  const logDir = params.logDir ?? folder.path;
  const dataDir = params.postgresDataDir ?? path.join(folder.path, 'postgres');
  mkdirSync(logDir, { recursive: true });
  const [postgres, nats, redis, plan] = await Promise.all([
    startServerPostgres(params, dataDir),
    startServerNats(),
    startServerRedis(),
    planServices({
      host: params.host ?? '127.0.0.1',
      messageStores: params.messageStores ?? 1,
      ...pick(publicOriginOf(params)),
    }),
  ]);
  const services: IsolatedService[] = [];
  let web: RestartableServer | undefined;
  const stop = async (): Promise<void> => {
    await Promise.all(services.map((service) => service.stop()));
    await web?.stop();
    for (const server of [redis, nats, postgres]) await server.stop();
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
    const natsUrls = await natsUrlsOf(plan, { params, natsUrl: nats.url });
    const environmentOf = serviceEnvironments({
      plan,
      folder: folder.path,
      adminUrl,
      passwords,
      natsUrlFor: (instance) => natsUrls.get(instance) ?? nats.url,
      redisUrl: redis.url,
      bootstrapToken,
      registration: params.registration ?? 'open',
      environment: { TRUSTED_PROXIES: params.web === undefined ? '' : '127.0.0.1', ...params.environment },
    });
    const start = async (planned: PlannedService): Promise<void> => {
      const logFile = path.join(logDir, `${planned.instance}.log`);
      const given = environmentOf(planned);
      const server = await startRestartable((more) =>
        startService({ planned, logFile, environment: { ...given, ...more } }),
      );
      const { service, instance } = planned;
      // In place: the getters of the server go on telling what is true now.
      services.push(Object.assign(server, { service, instance, logFile }));
    };
    // Tokens are checked with auth's keys, so it comes first; gateways ask the store for its generation.
    await start(planOf(plan, 'auth'));
    await Promise.all(plan.filter(isBackend).map(start));
    await Promise.all(plan.filter(isGateway).map(start));
    if (params.web !== undefined) web = await startIsolatedWeb({ web: params.web, plan, logDir });
    const order = plan.map(({ instance }) => instance);
    return {
      serverUrl: planOf(plan, 'auth').publicUrl,
      services: services.toSorted(
        (one, other) => order.indexOf(one.instance) - order.indexOf(other.instance),
      ),
      postgres: Object.assign(postgres, { adminUrl, dataDir }),
      nats,
      redis,
      web,
      bootstrapToken,
      operate: (program) =>
        runServiceProgram({ ...program, environment: environmentOf(planOf(plan, program.service)) }),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function publicOriginOf({ web, publicOrigin }: IsolatedSystemParams): IsolatedSystemParams['publicOrigin'] {
  return web === undefined ? publicOrigin : () => Promise.resolve(originOf(web));
}

function pick(publicOrigin: IsolatedSystemParams['publicOrigin']) {
  return publicOrigin === undefined ? {} : { publicOrigin };
}

async function startServerPostgres(
  params: IsolatedSystemParams,
  dataDir: string,
): Promise<RestartableServer> {
  const [port, password] = [await randomFreePort(), randomSecret()];
  return startRestartable(() =>
    startPostgres({
      dataDir,
      port,
      password,
      durability: params.durability ?? 'none',
      ...(params.postgresSettings === undefined ? {} : { settings: params.postgresSettings }),
    }),
  );
}

async function startServerNats(): Promise<RestartableServer> {
  const port = await randomFreePort();
  return startRestartable(() => startNats({ port }));
}

async function startServerRedis(): Promise<RestartableServer> {
  const [port, password] = [await randomFreePort(), randomBytes(18).toString('base64url')];
  return startRestartable(() => startRedis({ port, password }));
}

async function natsUrlsOf(
  plan: readonly PlannedService[],
  known: { readonly params: IsolatedSystemParams; readonly natsUrl: string },
): Promise<ReadonlyMap<string, string>> {
  const { params, natsUrl } = known;
  const urls = new Map<string, string>();
  for (const { instance } of plan)
    urls.set(instance, (await params.natsUrlFor?.({ instance, natsUrl })) ?? natsUrl);
  return urls;
}

function databaseUrl(serverUrl: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${databaseName}`;
  return url.href;
}
