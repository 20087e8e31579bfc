/** What the containers of a run are told. All of them share the network of this machine. */
import { generateKeyPairSync } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { serviceUrl, writeNginxConfig, type DatabaseService } from '@cipherchat/test-kit';

export type ServiceImage = 'auth' | 'key-directory' | 'gateway' | 'message-store';

export type Stores = {
  readonly adminUrl: string;
  readonly natsUrl: string;
  readonly redisUrl: string;
  readonly passwords: Readonly<Record<DatabaseService, string>>;
};

const signingKey = generateKeyPairSync('ed25519')
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();

export function environmentOf(
  name: ServiceImage,
  params: {
    readonly stores: Stores;
    readonly port: number;
    /** Where auth listens; nobody asks it unless said. */
    readonly authPort?: number;
    /** The one address of the whole, unless it is not reached at all. */
    readonly publicUrl?: string;
  },
): Readonly<Record<string, string>> {
  const { stores, port, authPort = port, publicUrl = `http://127.0.0.1:${port}` } = params;
  return {
    HOST: '127.0.0.1',
    PORT: String(port),
    TRUSTED_PROXIES: '127.0.0.1',
    NATS_URL: stores.natsUrl,
    REDIS_URL: stores.redisUrl,
    AUTH_JWKS_URL: `http://127.0.0.1:${authPort}/v1/auth/jwks.json`,
    ...(name === 'gateway'
      ? {}
      : { DATABASE_URL: serviceUrl({ ...stores, service: name, password: stores.passwords[name] }) }),
    ...(name === 'auth'
      ? {
          AUTH_SIGNING_KEY: signingKey,
          REGISTRATION: 'open',
          PUBLIC_AUTH_URL: publicUrl,
          PUBLIC_KEYS_URL: publicUrl,
          PUBLIC_CONVERSATIONS_URL: publicUrl,
          PUBLIC_GATEWAY_URLS: publicUrl.replace('http', 'ws'),
        }
      : {}),
  };
}

/** Renders the configuration of nginx into a folder that the image's user may read. */
export function writeWebConfig(
  folder: string,
  services: {
    readonly port: number;
    readonly auth: string;
    readonly keyDirectory: string;
    readonly messageStore: string;
    readonly gateways: readonly string[];
  },
): void {
  const { port, ...addresses } = services;
  chmodSync(folder, 0o755);
  writeNginxConfig(folder, {
    listen: `127.0.0.1:${port}`,
    transport: { kind: 'plain' },
    webRoot: '/usr/share/cipherchat/web',
    runFolder: '/tmp',
    instance: 'web',
    ...addresses,
  });
}
