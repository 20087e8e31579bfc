import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { environment, passToTests } from './config.js';
import { natsServerProgram, redisServerProgram } from './install-program.js';
import { startNats } from './nats-server.js';
import { startPostgres } from './postgres-server.js';
import { redisDatabases, startRedis } from './redis-server.js';
import {
  createServiceRoles,
  grantConnect,
  prepareDatabase,
  serviceUrl,
  withClient,
  type DatabaseService,
} from '@cipherchat/migrations';

/** The servers that all integration tests of a jest run share; each test takes a part of its own. */
export type SharedServers = {
  readonly postgresUrl: string;
  readonly natsUrl: string;
  readonly redisUrl: string;
  /** One for all service roles: the roles keep services apart, not the tests of one run. */
  readonly servicePassword: string;
};

const templateDatabase = 'cipherchat_template';

/** Starts the shared servers. Called once per jest run by the global setup; the result stops them. */
export async function startSharedServers(): Promise<() => Promise<void>> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`); // installing takes a while
  const natsServer = await natsServerProgram(say);
  const redisServer = await redisServerProgram(say);
  const [postgres, nats, redis] = await Promise.all([
    startPostgres(),
    startNats({ program: natsServer }),
    startRedis({ program: redisServer }),
  ]);
  const servicePassword = randomBytes(18).toString('base64url');
  const passwords = {
    auth: servicePassword,
    'key-directory': servicePassword,
    'message-store': servicePassword,
  };
  await createServiceRoles({ adminUrl: postgres.url, passwords });
  await withClient(postgres.url, (client) => client.query(`create database ${templateDatabase}`));
  await prepareDatabase({ adminUrl: databaseUrl(postgres.url, templateDatabase) });
  const servers: SharedServers = {
    postgresUrl: postgres.url,
    natsUrl: nats.url,
    redisUrl: redis.url,
    servicePassword,
  };
  passToTests(JSON.stringify(servers));
  return async () => {
    await Promise.all([postgres.stop(), nats.stop(), redis.stop()]);
  };
}

/** Whether the program that started this one has started them. */
export function areServersShared(): boolean {
  return environment().sharedServers !== undefined;
}

/** Where the shared servers listen. Only for integration tests: `*.integration.spec.ts`. */
export function sharedServers(): SharedServers {
  const written = environment().sharedServers;
  if (written === undefined)
    throw new Error('No shared servers: name the test file *.integration.spec.ts, so that jest starts them.');
  return JSON.parse(written) as SharedServers;
}

/** A database of a test's own, with every service's schema, roles and migrations. */
export type FreshDatabase = {
  readonly name: string;
  /** The superuser's address, to look from outside. */
  readonly adminUrl: string;
  /** The address for a service, under the role that it has in production too. */
  readonly url: (service: DatabaseService) => string;
  /** Ends all connections to it and removes it; without it, it goes with the run. */
  readonly drop: () => Promise<void>;
};

/** Makes a migrated database in some 50 ms (a copy of a template). */
export async function freshDatabase(): Promise<FreshDatabase> {
  const { postgresUrl, servicePassword } = sharedServers();
  const name = `test_${randomBytes(8).toString('hex')}`;
  const adminUrl = databaseUrl(postgresUrl, name);
  await withClient(postgresUrl, (client) =>
    client.query(`create database ${name} template ${templateDatabase}`),
  );
  await grantConnect(adminUrl); // a copy has the template's schemas and grants inside, but not those on the database itself
  return {
    name,
    adminUrl,
    url: (service) => serviceUrl({ adminUrl, service, password: servicePassword }),
    drop: () =>
      withClient(
        postgresUrl,
        async (client) => void (await client.query(`drop database ${name} with (force)`)),
      ),
  };
}

/** The shared NATS. Subjects are global to it: use ids of the test's own. */
export function natsUrl(): string {
  return sharedServers().natsUrl;
}

/** A numbered Redis database of the caller's own, empty. */
export async function freshRedisUrl(): Promise<string> {
  const url = new URL(sharedServers().redisUrl);
  const redis = new Redis(url.href, { maxRetriesPerRequest: 1 });
  try {
    const database = await redis.incr('databases-given'); // database 0 keeps the count and nothing else
    if (database >= redisDatabases)
      throw new Error(`A test run has ${redisDatabases} Redis databases at most`);
    url.pathname = `/${database}`;
    return url.href;
  } finally {
    redis.disconnect();
  }
}

function databaseUrl(serverUrl: string, database: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url.href;
}
