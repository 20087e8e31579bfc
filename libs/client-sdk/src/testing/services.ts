/**
 * All services as child processes, two gateways among them, over real Postgres, NATS and Redis. For
 * `*.integration.spec.ts`. The database and Redis are parts of the run's shared servers; NATS is the world's
 * own, since its queue groups would share work with another world's services.
 */
import {
  freshDatabase,
  freshRedisUrl,
  randomFreePort,
  startNats,
  startProcess,
  temporaryFolder,
  waitUntilReady,
  type ServerProcess,
} from '@cipherchat/test-kit';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { programPath } from '../config.js';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const readyWithinMs = 60_000;

export type ServiceName = 'auth' | 'key-directory' | 'message-store' | 'gateway';

export type RunningServices = {
  /** Where the discovery document is. */
  readonly serverUrl: string;
  readonly bootstrapToken: string;
  readonly gateways: readonly ServerProcess[];
  /** The superuser's address of the database, to look from outside. */
  readonly databaseUrl: string;
  readonly stop: () => Promise<void>;
};

export async function startServices(): Promise<RunningServices> {
  const [database, redisUrl, nats] = await Promise.all([freshDatabase(), freshRedisUrl(), startNats()]);
  const folder = temporaryFolder('world');
  const ports = await freePorts(5);
  const [auth = 0, keyDirectory = 0, messageStore = 0, ...gatewayPorts] = ports;
  const url = (port: number): string => `http://127.0.0.1:${port}`;
  const bootstrapToken = randomBytes(24).toString('base64url');
  const base = {
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    DRAIN_TIMEOUT_MS: '2000',
    NATS_URL: nats.url,
    REDIS_URL: redisUrl,
    ADDRESS_HASH_KEY: randomBytes(24).toString('base64url'),
    RATE_LIMIT_SCALE: '1000',
    AUTH_JWKS_URL: `${url(auth)}/v1/auth/jwks.json`,
    SENDS_PER_SECOND: '100000',
    DRAIN_WINDOW_MS: '500',
  };
  const processes: ServerProcess[] = [];
  const start = async (params: {
    readonly service: ServiceName;
    readonly instance: string;
    readonly port: number;
    readonly environment?: Readonly<Record<string, string>>;
  }): Promise<ServerProcess> => {
    const { service, instance, port, environment } = params;
    const server = await startService({
      service,
      instance,
      port,
      environment: { ...base, ...environment },
      logFile: path.join(folder.path, `${instance}.log`),
    });
    processes.push(server);
    return server;
  };
  const databaseUrl = (service: 'auth' | 'key-directory' | 'message-store') => ({
    DATABASE_URL: database.url(service),
  });
  await start({
    service: 'auth',
    instance: 'auth-1',
    port: auth,
    environment: {
      ...databaseUrl('auth'),
      AUTH_SIGNING_KEY: generateKeyPairSync('ed25519')
        .privateKey.export({ type: 'pkcs8', format: 'pem' })
        .toString(),
      BOOTSTRAP_TOKEN: bootstrapToken,
      REGISTRATION: 'open',
      PUBLIC_AUTH_URL: url(auth),
      PUBLIC_KEYS_URL: url(keyDirectory),
      PUBLIC_CONVERSATIONS_URL: url(messageStore),
      PUBLIC_GATEWAY_URLS: gatewayPorts.map((port) => `ws://127.0.0.1:${port}`).join(','),
    },
  });
  await Promise.all([
    start({
      service: 'key-directory',
      instance: 'key-directory-1',
      port: keyDirectory,
      environment: databaseUrl('key-directory'),
    }),
    start({
      service: 'message-store',
      instance: 'message-store-1',
      port: messageStore,
      environment: databaseUrl('message-store'),
    }),
  ]);
  const gateways = await Promise.all(
    gatewayPorts.map((port, index) => start({ service: 'gateway', instance: `gateway-${index + 1}`, port })),
  );
  const stop = async (): Promise<void> => {
    await Promise.all(processes.map((server) => server.stop()));
    await nats.stop();
    folder.remove();
  };
  return { serverUrl: url(auth), bootstrapToken, gateways, databaseUrl: database.adminUrl, stop };
}

async function startService(params: {
  readonly service: ServiceName;
  readonly instance: string;
  readonly port: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly logFile: string;
}): Promise<ServerProcess> {
  const { service, instance, port, environment, logFile } = params;
  // As built, like an image: what was not built since an edit is not what runs.
  const program = path.join(root, 'apps', service, 'dist/main.js');
  if (!existsSync(program)) throw new Error(`${service} is not built: npm run build`);
  const command = {
    name: instance,
    program: process.execPath,
    args: ['--enable-source-maps', program],
    cwd: root,
    env: { PATH: programPath(), TZ: 'UTC', PORT: String(port), SERVICE_INSTANCE: instance, ...environment },
    stopSignal: 'SIGTERM',
    logFile,
  } as const;
  const server = await startProcess(command);
  await waitUntilReady({ command, process: server, isReady: () => isReady(port), timeoutMs: readyWithinMs });
  return server;
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/healthz/ready`)).ok;
  } catch {
    // Not listening yet.
    return false;
  }
}

async function freePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await randomFreePort());
  return [...ports];
}
