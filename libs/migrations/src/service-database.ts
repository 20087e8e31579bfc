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
 * Creates each service's schema in the database of `adminUrl`, grants its role what running needs (rows, not
 * tables; and only there) and applies the migrations as the administrator. Doing it again changes nothing.
 * Returns the migrations that were applied, as `<service>/<migration>`.
 */
export async function prepareDatabase(params: { readonly adminUrl: string }): Promise<readonly string[]> {
  const { adminUrl } = params;
  await grantConnect(adminUrl);
  await withClient(adminUrl, async (client) => {
    await client.query('revoke all on schema public from public');
    for (const { role, postgresSchema } of serviceDatabases)
      await client.query(schemaGrants({ role, postgresSchema }));
  });
  const applied: string[] = [];
  for (const { service, postgresSchema, schemaPath, migrationsDir } of serviceDatabases) {
    if (!existsSync(migrationsDir)) continue;
    const names = await migrate({ databaseUrl: adminUrl, postgresSchema, schemaPath, migrationsDir });
    applied.push(...names.map((name) => `${service}/${name}`));
  }
  await withClient(adminUrl, async (client) => {
    for (const { role, postgresSchema } of serviceDatabases) {
      const history = `${escapeIdentifier(postgresSchema)}._prisma_migrations`;
      const exists = await client.query('select to_regclass($1) as found', [history]);
      if (exists.rows[0]?.found !== null)
        await client.query(`revoke all on ${history} from ${escapeIdentifier(role)}`);
    }
  });
  return applied;
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

function schemaGrants(params: { readonly role: string; readonly postgresSchema: string }): string {
  const role = escapeIdentifier(params.role);
  const schema = escapeIdentifier(params.postgresSchema);
  return [
    `create schema if not exists ${schema}`,
    `grant usage on schema ${schema} to ${role}`,
    `alter default privileges in schema ${schema} grant select, insert, update, delete on tables to ${role}`,
    `alter default privileges in schema ${schema} grant usage, select on sequences to ${role}`,
    `alter default privileges in schema ${schema} grant execute on functions to ${role}`,
  ].join('; ');
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
