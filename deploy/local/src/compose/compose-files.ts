/**
 * What deploy/compose.yaml reads: secrets, which are made once and kept, and all that is derived from them and from the
 * options, which is written anew each time.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { serviceDatabases, serviceUrl, writeNginxConfig, type DatabaseService } from '@cipherchat/test-kit';
import { natsConfig, natsUsers } from '../nats-config.js';
import { addressesIn } from './addresses.js';
import { newSigningKey, randomPassword } from '../secrets.js';

export type ComposeOptions = {
  readonly folder: string;
  /** What people open: https, without a path. */
  readonly url: URL;
  readonly certFile: string;
  readonly keyFile: string;
  readonly registration: 'open' | 'invite';
  readonly version: string;
  /** The network that the containers share among themselves. */
  readonly subnet: string;
};

/** Only the operator may enter the folder. What is in it is mounted into containers whose users read it as anybody. */
const forOperator = 0o700;
const forContainers = 0o644;
const database = 'postgres:5432/cipherchat';
const port = 3000;
/** As in the chart: an office behind one address fits. */
const perAddress = { connections: 200, requestsPerSecond: 50 };
const tlsInWeb = '/etc/nginx/tls';

export function writeComposeFiles(options: ComposeOptions): void {
  const { folder } = options;
  for (const part of ['', 'secrets', 'nginx', 'tls'])
    mkdirSync(path.join(folder, part), { recursive: true, mode: part === '' ? forOperator : 0o755 });
  writeSecrets(path.join(folder, 'secrets'));
  copyFileSync(options.certFile, path.join(folder, 'tls/tls.crt'));
  writeFileSync(path.join(folder, 'tls/tls.key'), readFileSync(options.keyFile), { mode: forContainers });
  const { fixed } = addressesIn(options.subnet);
  const at = (name: keyof typeof fixed): string => `${fixed[name]}:${port}`;
  writeNginxConfig(path.join(folder, 'nginx'), {
    listen: '8443',
    transport: { kind: 'tls', certFile: `${tlsInWeb}/tls.crt`, keyFile: `${tlsInWeb}/tls.key` },
    perAddress,
    webRoot: '/usr/share/cipherchat/web',
    runFolder: '/tmp',
    instance: 'web',
    auth: at('auth'),
    keyDirectory: at('key-directory'),
    messageStore: at('message-store'),
    gateways: [at('gateway-1'), at('gateway-2')],
  });
  writeFileSync(path.join(folder, 'environment'), environmentOf(options));
}

function writeSecrets(folder: string): void {
  const write = (name: string, value: string): void =>
    writeFileSync(path.join(folder, name), value, { mode: forContainers });
  const kept = (name: string, make: () => string = randomPassword): string => {
    const file = path.join(folder, name);
    if (!existsSync(file)) write(name, make());
    return readFileSync(file, 'utf8');
  };
  kept('address-hash-key');
  kept('auth-signing-key', newSigningKey);
  kept('bootstrap-token');
  const owner = kept('postgres-password');
  const adminUrl = `postgres://cipherchat:${owner}@${database}`;
  write('database-url-owner', adminUrl);
  const passwords = Object.fromEntries(
    serviceDatabases.map(({ service }) => [service, kept(`postgres-password-${service}`)]),
  ) as Record<DatabaseService, string>;
  for (const { service } of serviceDatabases)
    write(`database-url-${service}`, serviceUrl({ adminUrl, service, password: passwords[service] }));
  write('roles.sql', rolesSql(passwords));
  const natsPasswords = Object.fromEntries(
    natsUsers.filter((user) => user !== 'observer').map((user) => [user, kept(`nats-password-${user}`)]),
  );
  write('nats.conf', natsConfig(natsPasswords));
  for (const [user, password] of Object.entries(natsPasswords))
    write(`nats-url-${user}`, `nats://${user}:${password}@nats:4222`);
  const redis = kept('redis-password');
  write('redis-url', `redis://:${redis}@redis:6379`);
  // Nothing on a disk: what stands there may vanish.
  write(
    'redis.conf',
    `requirepass ${redis}\ndir /tmp\nsave ""\nappendonly no\nmaxmemory 256mb\nmaxmemory-policy volatile-ttl\n`,
  );
}

/** Postgres runs it when it makes the database. Schemas, tables and rights on them are the migrations' business. */
function rolesSql(passwords: Readonly<Record<DatabaseService, string>>): string {
  const roles = serviceDatabases.map(({ service, role, postgresSchema }) =>
    [
      `create role ${role} login nosuperuser nocreatedb nocreaterole password '${passwords[service]}';`,
      `alter role ${role} set search_path = ${postgresSchema};`,
    ].join('\n'),
  );
  const names = serviceDatabases.map(({ role }) => role).join(', ');
  return [
    ...roles,
    'revoke all on database cipherchat from public;',
    'revoke all on schema public from public;',
    `grant connect on database cipherchat to ${names};`,
    '',
  ].join('\n');
}

function environmentOf({ folder, url, registration, version, subnet }: ComposeOptions): string {
  const { fixed, others } = addressesIn(subnet);
  const values = {
    CIPHERCHAT_FOLDER: path.resolve(folder),
    CIPHERCHAT_VERSION: version,
    CIPHERCHAT_URL: url.origin,
    CIPHERCHAT_SOCKET_URL: url.origin.replace(/^http/, 'ws'),
    CIPHERCHAT_PORT: url.port === '' ? '443' : url.port,
    CIPHERCHAT_REGISTRATION: registration,
    CIPHERCHAT_SUBNET: subnet,
    CIPHERCHAT_OTHER_ADDRESSES: others,
    ...Object.fromEntries(
      Object.entries(fixed).map(([name, address]) => [
        `CIPHERCHAT_ADDRESS_${name.toUpperCase().replaceAll('-', '_')}`,
        address,
      ]),
    ),
  };
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
