/** The services of an isolated system: where each listens, what it is told, and how it starts. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { inheritedEnvironment } from './config.js';
import { randomFreePort } from './free-port.js';
import { startProcess, waitUntilReady, type RunningServer, type ServerCommand } from './server-process.js';
import { serviceArguments } from './service-arguments.js';
import { serviceUrl, type DatabaseService, type ServicePasswords } from '@cipherchat/migrations';

export type ServiceName = DatabaseService | 'gateway';

export type PlannedService = {
  readonly service: ServiceName;
  /** `gateway-1`, `gateway-2`. */
  readonly instance: string;
  readonly host: string;
  readonly port: number;
  readonly url: string;
  readonly publicUrl: string;
};

const appsDir = fileURLToPath(new URL('../../../apps', import.meta.url));
const readyTimeoutMs = 60_000;
type Named = Pick<PlannedService, 'service' | 'instance'>;

function instancesOf(messageStores: number): readonly Named[] {
  const stores = Array.from({ length: messageStores }, (_, index): Named => ({
    service: 'message-store',
    instance: `message-store-${index + 1}`,
  }));
  return [
    { service: 'auth', instance: 'auth-1' },
    { service: 'key-directory', instance: 'key-directory-1' },
    ...stores,
    { service: 'gateway', instance: 'gateway-1' },
    { service: 'gateway', instance: 'gateway-2' },
  ];
}

export async function planServices(params: {
  readonly host: string;
  readonly messageStores: number;
  readonly publicOrigin?: (origin: string) => Promise<string>;
}): Promise<readonly PlannedService[]> {
  const { host, messageStores, publicOrigin } = params;
  const planned: PlannedService[] = [];
  for (const { service, instance } of instancesOf(messageStores)) {
    const port = await randomFreePort();
    const url = `http://${host}:${port}`;
    const publicUrl = publicOrigin === undefined ? url : await publicOrigin(url);
    planned.push({ service, instance, host, port, url, publicUrl });
  }
  return planned;
}

export const isBackend = ({ service }: PlannedService): boolean =>
  service === 'key-directory' || service === 'message-store';
export const isGateway = ({ service }: PlannedService): boolean => service === 'gateway';

export function planOf(plan: readonly PlannedService[], service: ServiceName): PlannedService {
  const found = plan.find((planned) => planned.service === service);
  if (found === undefined) throw new RangeError(`no ${service} is planned`);
  return found;
}

export type ServiceSurroundings = {
  readonly plan: readonly PlannedService[];
  /** For the signing key. */
  readonly folder: string;
  readonly adminUrl: string;
  readonly passwords: ServicePasswords;
  readonly natsUrlFor: (instance: string) => string;
  readonly redisUrl: string;
  readonly bootstrapToken: string;
  readonly registration: 'open' | 'invite';
  /** For every service, on top of what it needs. */
  readonly environment: Readonly<Record<string, string>>;
};

/** The environment of each service. */
export function serviceEnvironments(
  known: ServiceSurroundings,
): (planned: PlannedService) => Readonly<Record<string, string>> {
  const { plan, folder, adminUrl, passwords } = known;
  const signingKeyFile = path.join(folder, 'auth-signing-key.pem');
  writeFileSync(
    signingKeyFile,
    generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }),
    { mode: 0o600 },
  );
  const shared = {
    NODE_ENV: 'production',
    TZ: 'UTC',
    REDIS_URL: known.redisUrl,
    ADDRESS_HASH_KEY: randomSecret(),
    AUTH_JWKS_URL: `${planOf(plan, 'auth').url}/v1/auth/jwks.json`,
    DRAIN_TIMEOUT_MS: '2000',
    ...known.environment,
  };
  const own = (planned: PlannedService): Readonly<Record<string, string>> => {
    switch (planned.service) {
      case 'auth':
        return {
          AUTH_SIGNING_KEY_FILE: signingKeyFile,
          BOOTSTRAP_TOKEN: known.bootstrapToken,
          REGISTRATION: known.registration,
          PUBLIC_AUTH_URL: planned.publicUrl,
          PUBLIC_KEYS_URL: planOf(plan, 'key-directory').publicUrl,
          PUBLIC_CONVERSATIONS_URL: planOf(plan, 'message-store').publicUrl,
          // Behind nginx all have one.
          PUBLIC_GATEWAY_URLS: [
            ...new Set(plan.filter(isGateway).map(({ publicUrl }) => publicUrl.replace(/^http/, 'ws'))),
          ].join(','),
        };
      case 'gateway':
        return { DRAIN_WINDOW_MS: '500' };
      case 'key-directory':
      case 'message-store':
        return {};
    }
  };
  return (planned) => {
    const { service, instance, host, port } = planned;
    const database =
      service === 'gateway'
        ? {}
        : { DATABASE_URL: serviceUrl({ adminUrl, service, password: passwords[service] }) };
    return {
      ...shared,
      ...database,
      HOST: host,
      PORT: String(port),
      NATS_URL: known.natsUrlFor(instance),
      SERVICE_INSTANCE: instance,
      ...own(planned),
    };
  };
}

/** Starts the service from its build and waits until it is ready. */
export async function startService(params: {
  readonly planned: PlannedService;
  readonly logFile: string;
  readonly environment: Readonly<Record<string, string>>;
}): Promise<RunningServer> {
  const { planned, logFile, environment } = params;
  const command: ServerCommand = {
    name: planned.instance,
    program: process.execPath,
    args: [...serviceArguments, path.join(appsDir, planned.service, 'dist/main.js')],
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

export function randomSecret(): string {
  return randomBytes(24).toString('base64url');
}
