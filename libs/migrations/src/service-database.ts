import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import { migrate } from './migrate.js';

/** A service that keeps tables: its folder in `apps`, its schema in the database and its login role. */
export type DatabaseService = 'auth' | 'key-directory' | 'message-store';

export type ServiceDatabase = {
  readonly service: DatabaseService;
  readonly postgresSchema: string;
  readonly role: string;
  readonly schemaPath: string;
  readonly migrationsDir: string;
};

const appsDir = fileURLToPath(new URL('../../../apps', import.meta.url));

function serviceDatabase(service: DatabaseService, postgresSchema: string): ServiceDatabase {
  const prismaDir = path.join(appsDir, service, 'prisma');
  return {
    service,
    postgresSchema,
    role: `cipherchat_${postgresSchema}`,
    schemaPath: path.join(prismaDir, 'schema.prisma'),
    migrationsDir: path.join(prismaDir, 'migrations'),
  };
}

/** One database, one Postgres schema per service: no service can read another's tables. */
export const serviceDatabases: readonly ServiceDatabase[] = [
  serviceDatabase('auth', 'auth'),
  serviceDatabase('key-directory', 'directory'),
  serviceDatabase('message-store', 'messages'),
];

export type ServicePasswords = Readonly<Record<DatabaseService, string>>;

/** Creates the login roles of the services, or gives them these passwords. A role may log in and nothing else. */
export async function createServiceRoles(params: {
  readonly adminUrl: string;
  readonly passwords: ServicePasswords;
}): Promise<void> {
  await withClient(params.adminUrl, async (client) => {
    for (const { role, service, postgresSchema } of serviceDatabases) {
      const name = escapeIdentifier(role);
      const known = await client.query('select 1 from pg_roles where rolname = $1', [role]);
      if (known.rowCount === 0) await client.query(`create role ${name}`);
      await client.query(
        `alter role ${name} login nosuperuser nocreatedb nocreaterole password ${escapeLiteral(params.passwords[service])}`,
      );
      await client.query(`alter role ${name} set search_path = ${escapeIdentifier(postgresSchema)}`);
    }
  });
}

/**
 * Prepares the database of `adminUrl` for all services, and lets only their roles connect. Doing it again changes
 * nothing. Returns the migrations that were applied, as `<service>/<migration>`.
 */
export async function prepareDatabase(params: { readonly adminUrl: string }): Promise<readonly string[]> {
  const { adminUrl } = params;
  await grantConnect(adminUrl);
  await withClient(adminUrl, (client) => client.query('revoke all on schema public from public'));
  const applied: string[] = [];
  for (const database of serviceDatabases) {
    if (!existsSync(database.migrationsDir)) continue;
    const names = await prepareService({ databaseUrl: adminUrl, database });
    applied.push(...names.map((name) => `${database.service}/${name}`));
  }
  return applied;
}

/**
 * Creates a service's schema, grants its role what running needs (rows, not tables; and only there) and applies the
 * migrations, all as the owner of `databaseUrl`. Where there is no such role, the service connects as the owner.
 * Returns the names of the migrations that were applied.
 */
export async function prepareService(params: {
  readonly databaseUrl: string;
  readonly database: ServiceDatabase;
}): Promise<readonly string[]> {
  const { databaseUrl, database } = params;
  const { role, postgresSchema } = database;
  const hasRole = await withClient(databaseUrl, async (client) => {
    // `if not exists` would ask for the right to create one that is there.
    const { rows } = await client.query(
      'select to_regnamespace($1) is not null as made, to_regrole($2) is not null and current_user <> $2 as granted',
      [postgresSchema, role],
    );
    const { made, granted } = rows[0] as { readonly made: boolean; readonly granted: boolean };
    if (!made) await client.query(`create schema ${escapeIdentifier(postgresSchema)}`);
    if (granted) await client.query(schemaGrants(database));
    return granted;
  });
  const names = await migrate({ ...database, databaseUrl });
  if (hasRole) await withClient(databaseUrl, (client) => client.query(historyGrants(database)));
  return names;
}

/** Only the services' roles may connect to the database of `adminUrl`. */
export async function grantConnect(adminUrl: string): Promise<void> {
  const database = escapeIdentifier(new URL(adminUrl).pathname.slice(1));
  const roles = serviceDatabases.map(({ role }) => escapeIdentifier(role)).join(', ');
  await withClient(adminUrl, (client) =>
    client.query(
      `revoke all on database ${database} from public; grant connect on database ${database} to ${roles}`,
    ),
  );
}

function schemaGrants(params: ServiceDatabase): string {
  const role = escapeIdentifier(params.role);
  const schema = escapeIdentifier(params.postgresSchema);
  return [
    `grant usage on schema ${schema} to ${role}`,
    `alter default privileges in schema ${schema} grant select, insert, update, delete on tables to ${role}`,
    `alter default privileges in schema ${schema} grant usage, select on sequences to ${role}`,
    `alter default privileges in schema ${schema} grant execute on functions to ${role}`,
  ].join('; ');
}

/** A service reads which migrations there were, so that it does not start before them, and writes none. */
function historyGrants(params: ServiceDatabase): string {
  const history = `${escapeIdentifier(params.postgresSchema)}._prisma_migrations`;
  const role = escapeIdentifier(params.role);
  return `revoke all on ${history} from ${role}; grant select on ${history} to ${role}`;
}

/** The address by which a service reaches the database of `adminUrl` under its own role. */
export function serviceUrl(params: {
  readonly adminUrl: string;
  readonly service: DatabaseService;
  readonly password: string;
}): string {
  const found = serviceDatabases.find(({ service }) => service === params.service);
  const url = new URL(params.adminUrl);
  url.username = found?.role ?? '';
  url.password = params.password;
  return url.href;
}

/** Runs `use` on one connection that is closed afterwards. */
export async function withClient<Result>(
  url: string,
  use: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
