import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  bindMigrationAwareSqlAdapterFactory,
  type ErrorCapturingSqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';
import { Pool } from 'pg';
import type { MigrationList, SchemaContainer } from '@prisma/schema-engine-wasm';
import { catalogAdapter } from './catalog-adapter.js';
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

/** A database that refused a migration, in words that an operator can act on. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

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
 * Writes the migration that leads from the existing ones to the Prisma schema, without applying it to anything
 * that lasts: `databaseUrl` is an empty database, into which the existing ones are replayed first. (The engine
 * could do that in a shadow database; as WebAssembly it has none.)
 * Returns the path of the new file, or `undefined` when there is nothing to migrate.
 */
export async function createMigration(
  params: MigrateParams & { readonly name: string; readonly now: Date },
): Promise<string | undefined> {
  const { migrationsDir, name, now, schemaPath } = params;
  await migrate(params);
  const files = [schemaFile(schemaPath)];
  const script = await withEngine(params, async (engine) => {
    const difference = await engine.diff({
      from: { tag: 'schemaDatasource', files, configDir: path.dirname(path.resolve(schemaPath)) },
      to: { tag: 'schemaDatamodel', files },
      script: true,
      exitCode: true,
      filters: noFilters,
    });
    return difference.exitCode === differs ? difference.stdout : null;
  });
  if (script === null) return undefined;
  const file = path.join(
    migrationsDir,
    `${timestamp(now)}_${name.replaceAll(/[^a-z0-9]+/gi, '_').toLowerCase()}`,
    migrationFileName,
  );
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, script);
  writeFileSync(path.join(migrationsDir, lockFileName), 'provider = "postgresql"\n');
  return file;
}

/** The exit code by which the engine says that there is a difference. */
const differs = 2;

/** `20261121093000`, as Prisma's command line names migrations: they are applied in the order of their names. */
function timestamp(now: Date): string {
  return now.toISOString().replaceAll(/[-:T]/g, '').slice(0, 14);
}

const migrationFileName = 'migration.sql';
const lockFileName = 'migration_lock.toml';
const noFilters = { externalTables: [], externalEnums: [] };

async function withEngine<Result>(
  params: MigrateParams,
  use: (engine: SchemaEngine) => Promise<Result>,
): Promise<Result> {
  // The engine leaves its connections open, and a template database with a connection to it cannot be copied.
  const pool = new Pool({
    connectionString: params.databaseUrl,
    options: `-c search_path=${params.postgresSchema}`,
  });
  const adapter = bindMigrationAwareSqlAdapterFactory(
    catalogAdapter({ pool, postgresSchema: params.postgresSchema }),
  );
  const { path: file, content } = schemaFile(params.schemaPath);
  const engine = await (await loadSchemaEngine()).new({ datamodels: [[file, content]] }, () => {}, adapter);
  try {
    return await use(engine);
  } catch (error) {
    const cause = postgresErrorBehind(error, adapter) ?? error;
    // The engine's own error lists frames of its Rust code after the message.
    const [message] = (cause instanceof Error ? cause.message : String(cause)).split(/\n\s+0: /);
    throw new MigrationError(
      `The migrations of the Postgres schema "${params.postgresSchema}" failed: ${message}`,
      { cause },
    );
  } finally {
    engine.free();
    await pool.end();
  }
}

/** What JavaScript code throws passes through the engine as a number. */
function postgresErrorBehind(
  error: unknown,
  adapter: ErrorCapturingSqlMigrationAwareDriverAdapterFactory,
): unknown {
  const [, id] = /External error id#(\d+)/.exec(String(error)) ?? [];
  return id === undefined ? undefined : adapter.errorRegistry.consumeError(Number(id))?.error;
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

/** In the order in which they are applied. */
export function migrationNames(migrationsDir: string): readonly string[] {
  if (!existsSync(migrationsDir)) return [];
  return readdirSync(migrationsDir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}
