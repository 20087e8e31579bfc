import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import type { MigrationList, SchemaContainer } from '@prisma/schema-engine-wasm';
import { Client, Pool, type PoolConfig } from 'pg';
import { loadSchemaEngine, type SchemaEngine } from './schema-engine.js';

/**
 * Note [Migrations without a download]
 * Prisma's command line fetches its schema engine from a host of Prisma's at the first use. The same engine
 * is on npm as WebAssembly, so we drive that one: nothing but npm is needed. The table `_prisma_migrations`
 * and its checksums are the ordinary ones: `prisma migrate deploy` can take over at any time.
 */
export type MigrationSource = {
  readonly schemaPath: string;
  readonly migrationsDir: string;
};

export type MigrateParams = MigrationSource & {
  /** A role that may create tables in the schema. */
  readonly databaseUrl: string;
  /** The Postgres schema that the tables go to; each service has its own. */
  readonly postgresSchema: string;
};

/** Applies the migrations that the database does not have yet and returns their names. */
export async function migrate(params: MigrateParams): Promise<readonly string[]> {
  return withEngine(params, async (engine) => {
    const applied = await engine.applyMigrations({
      migrationsList: migrationList(params.migrationsDir),
      filters: noFilters,
    });
    return applied.appliedMigrationNames;
  });
}

/**
 * Writes the migration that leads from the existing ones to the Prisma schema, without applying it. The
 * existing ones are replayed into a shadow database, so `databaseUrl` needs a role that may create databases.
 * Returns the path of the new file, or `undefined` when there is nothing to migrate.
 */
export async function createMigration(
  params: MigrateParams & { readonly name: string },
): Promise<string | undefined> {
  const { migrationsDir, name, schemaPath } = params;
  const created = await withEngine(params, (engine) =>
    engine.createMigration({
      draft: false,
      migrationName: name,
      migrationsList: migrationList(migrationsDir),
      schema: { files: [schemaFile(schemaPath)] },
      filters: noFilters,
    }),
  );
  if (created.migrationScript === null) return undefined;
  const file = path.join(migrationsDir, created.generatedMigrationName, migrationFileName);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, created.migrationScript);
  writeFileSync(path.join(migrationsDir, lockFileName), 'provider = "postgresql"\n');
  return file;
}

const migrationFileName = 'migration.sql';
const lockFileName = 'migration_lock.toml';
const noFilters = { externalTables: [], externalEnums: [] };

async function withEngine<Result>(
  params: MigrateParams,
  use: (engine: SchemaEngine) => Promise<Result>,
): Promise<Result> {
  const adapter = bindMigrationAwareSqlAdapterFactory(adapterFor(params));
  const { path: file, content } = schemaFile(params.schemaPath);
  const engine = await (await loadSchemaEngine()).new({ datamodels: [[file, content]] }, () => {}, adapter);
  try {
    return await use(engine);
  } catch (error) {
    throw new Error(`Migrating ${params.postgresSchema}: ${messageOf(error)}`, { cause: error });
  } finally {
    engine.free();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The search path puts unqualified table names into the service's own schema, in the shadow database as well. */
function adapterFor(params: MigrateParams): PrismaPg {
  const { databaseUrl, postgresSchema } = params;
  const config = { ...connectionOf(databaseUrl), options: `-c search_path=${postgresSchema}` };
  const adapter = new PrismaPg(config, { schema: postgresSchema });
  // The adapter's own shadow database is dropped while still connected, and lacks the schema.
  adapter.connectToShadowDb = async () => {
    const name = `shadow_${randomUUID().replaceAll('-', '')}`;
    await execute(config, `create database ${name}`);
    await execute({ ...config, database: name }, `create schema ${postgresSchema}`);
    const pool = new Pool({ ...config, database: name });
    const shadow = await new PrismaPg(pool, { schema: postgresSchema }).connect();
    const disconnect = shadow.dispose.bind(shadow);
    shadow.dispose = async () => {
      await disconnect();
      await pool.end();
      await execute(config, `drop database ${name}`);
    };
    return shadow;
  };
  return adapter;
}

/** The parts of the address by name: `pg` lets a connection string win over `database` beside it. */
function connectionOf(databaseUrl: string): PoolConfig {
  const url = new URL(databaseUrl);
  return {
    host: url.hostname,
    port: Number(url.port),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: url.pathname.slice(1),
  };
}

async function execute(config: PoolConfig, sql: string): Promise<void> {
  const client = new Client(config);
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function schemaFile(schemaPath: string): SchemaContainer {
  const absolute = path.resolve(schemaPath);
  return { path: absolute, content: readFileSync(absolute, 'utf8') };
}

/** The engine has no file system: it is handed every migration, in order. */
function migrationList(migrationsDir: string): MigrationList {
  const lockFile = path.join(migrationsDir, lockFileName);
  return {
    baseDir: path.resolve(migrationsDir),
    lockfile: { path: lockFileName, content: existsSync(lockFile) ? readFileSync(lockFile, 'utf8') : null },
    shadowDbInitScript: '',
    migrationDirectories: migrationNames(migrationsDir).map((name) => ({
      path: name,
      migrationFile: {
        path: migrationFileName,
        content: {
          tag: 'ok',
          value: readFileSync(path.join(migrationsDir, name, migrationFileName), 'utf8'),
        },
      },
    })),
  };
}

function migrationNames(migrationsDir: string): readonly string[] {
  if (!existsSync(migrationsDir)) return [];
  return readdirSync(migrationsDir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}
