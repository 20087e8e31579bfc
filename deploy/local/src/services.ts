import { inRoot } from './repository.js';
import { databaseUrlFile, natsUrl, type LocalServer } from './infrastructure.js';
import type { ServicePorts } from './local-ports.js';
import type { NatsUser } from './nats-config.js';
import { keptSecret, newSigningKey, secretFile, writeSecret } from './secrets.js';
import type { TlsFiles } from './tls.js';

/** One process of ours: which program, under which name, where, with which settings. */
export type LocalService = {
  readonly service: 'auth' | 'key-directory' | 'message-store' | 'gateway';
  readonly instance: string;
  readonly port: number;
  readonly url: string;
  readonly environment: Readonly<Record<string, string>>;
};

export type Surroundings = {
  readonly ports: ServicePorts;
  readonly postgres: LocalServer;
  readonly nats: LocalServer;
  readonly redis: LocalServer;
  readonly tls: TlsFiles | undefined;
  readonly registration: 'open' | 'invite';
};

/** Ctrl-C should not take long on a machine of one's own; in a cluster the services' own, longer defaults hold. */
const drainTimeoutMs = 5_000;
const drainWindowMs = 1_000;

/** The one address of everything, nginx's. By name: passkeys need a domain, and browsers take this one for secure. */
export function serverUrl({ ports, tls }: Pick<Surroundings, 'ports' | 'tls'>): string {
  return `${tls === undefined ? 'http' : 'https'}://localhost:${ports.web}`;
}

/** The services that must be ready before the gateways start. */
export function backendServices(surroundings: Surroundings): readonly LocalService[] {
  const { ports, postgres, registration } = surroundings;
  const publicUrl = serverUrl(surroundings);
  keptSecret('auth-signing-key.pem', newSigningKey);
  keptSecret('bootstrap-token');
  const auth = localService(surroundings, { service: 'auth', instance: 'auth-1', port: ports.auth });
  const keyDirectory = localService(surroundings, {
    service: 'key-directory',
    instance: 'key-directory-1',
    port: ports.keyDirectory,
  });
  const messageStore = localService(surroundings, {
    service: 'message-store',
    instance: 'message-store-1',
    port: ports.messageStore,
  });
  return [
    {
      ...auth,
      environment: {
        ...auth.environment,
        DATABASE_URL_FILE: databaseUrlFile(postgres, 'auth'),
        AUTH_SIGNING_KEY_FILE: secretFile('auth-signing-key.pem'),
        BOOTSTRAP_TOKEN_FILE: secretFile('bootstrap-token'),
        REGISTRATION: registration,
        PUBLIC_AUTH_URL: publicUrl,
        PUBLIC_KEYS_URL: publicUrl,
        PUBLIC_CONVERSATIONS_URL: publicUrl,
        PUBLIC_GATEWAY_URLS: publicUrl.replace(/^http/, 'ws'),
      },
    },
    {
      ...keyDirectory,
      environment: {
        ...keyDirectory.environment,
        DATABASE_URL_FILE: databaseUrlFile(postgres, 'key-directory'),
      },
    },
    {
      ...messageStore,
      environment: {
        ...messageStore.environment,
        DATABASE_URL_FILE: databaseUrlFile(postgres, 'message-store'),
      },
    },
  ];
}

/** Two, so that what works here works between gateways. */
export function gatewayServices(surroundings: Surroundings): readonly LocalService[] {
  const { ports } = surroundings;
  return [ports.gatewayOne, ports.gatewayTwo].map((port, index) => {
    const gateway = localService(surroundings, {
      service: 'gateway',
      instance: `gateway-${index + 1}`,
      port,
    });
    return { ...gateway, environment: { ...gateway.environment, DRAIN_WINDOW_MS: String(drainWindowMs) } };
  });
}

/** The program that a service's build made. */
export function programOf({ service }: LocalService): string {
  return inRoot('apps', service, 'dist/main.js');
}

function localService(
  surroundings: Surroundings,
  params: {
    readonly service: LocalService['service'] & NatsUser;
    readonly instance: string;
    readonly port: number;
  },
): LocalService {
  const { nats, redis, ports } = surroundings;
  const { service, instance, port } = params;
  return {
    ...params,
    url: `http://127.0.0.1:${port}`,
    environment: {
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      PORT: String(port),
      SERVICE_INSTANCE: instance,
      DRAIN_TIMEOUT_MS: String(drainTimeoutMs),
      NATS_URL_FILE: writeSecret(`nats-url-${service}`, natsUrl(nats, service)),
      REDIS_URL_FILE: writeSecret('redis-url', redis.url),
      ADDRESS_HASH_KEY_FILE: addressHashKeyFile(),
      AUTH_JWKS_URL: `http://127.0.0.1:${ports.auth}/v1/auth/jwks.json`,
      // nginx alone connects from this machine on behalf of others.
      TRUSTED_PROXIES: '127.0.0.1',
    },
  };
}

/** Shared by all, so that limits per network address hold across them. */
function addressHashKeyFile(): string {
  keptSecret('address-hash-key');
  return secretFile('address-hash-key');
}
