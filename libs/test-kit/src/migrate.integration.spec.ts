import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createMigration, migrate } from '@cipherchat/migrations';
import { withClient } from '@cipherchat/migrations';
import { freshDatabase, type FreshDatabase } from './shared-servers.js';
import { temporaryFolder, type TemporaryFolder } from './temporary-folder.js';

const schema = (fields: string): string => `
  datasource db {
    provider = "postgresql"
  }
  model Note {
    id Int @id
    ${fields}
    @@map("notes")
  }
`;
const now = new Date('2026-01-02T03:04:05Z');
const later = new Date('2026-01-02T03:04:06Z');

describe('migrations', () => {
  let folder: TemporaryFolder;
  let database: FreshDatabase;
  let shadow: FreshDatabase;

  beforeEach(async () => {
    folder = temporaryFolder('migrations');
    [database, shadow] = await Promise.all([freshDatabase(), freshDatabase()]);
    for (const { adminUrl } of [database, shadow]) {
      await withClient(adminUrl, (client) => client.query('create schema notes'));
    }
  });
  afterEach(async () => {
    folder.remove();
    await Promise.all([database.drop(), shadow.drop()]);
  });

  const paramsFor = ({ adminUrl }: FreshDatabase) => ({
    databaseUrl: adminUrl,
    postgresSchema: 'notes',
    schemaPath: path.join(folder.path, 'schema.prisma'),
    migrationsDir: path.join(folder.path, 'migrations'),
  });

  it('are written as the difference between the existing ones and the schema, and applied once', async () => {
    const params = paramsFor(database);
    writeFileSync(params.schemaPath, schema('body String'));
    const first = await createMigration({ ...paramsFor(shadow), name: 'Add notes', now });
    expect(first).toBe(path.join(params.migrationsDir, '20260102030405_add_notes', 'migration.sql'));
    expect(await migrate(params)).toEqual(['20260102030405_add_notes']);

    writeFileSync(params.schemaPath, schema('body String\npinned Boolean @default(false)'));
    const second = await createMigration({ ...paramsFor(shadow), name: 'pin', now: later });
    expect(readFileSync(second ?? '', 'utf8')).toMatch(
      /^-- AlterTable\nALTER TABLE "notes" ADD COLUMN +"pinned" BOOLEAN NOT NULL DEFAULT false;\n$/,
    );
    expect(await migrate(params)).toEqual(['20260102030406_pin']);
    expect(await migrate(params)).toEqual([]);
    expect(await createMigration({ ...paramsFor(shadow), name: 'nothing', now: later })).toBeUndefined();
  });

  it('may hold semicolons inside strings and functions', async () => {
    const params = paramsFor(database);
    writeFileSync(params.schemaPath, schema('body String'));
    const file = (await createMigration({ ...paramsFor(shadow), name: 'notes', now })) ?? '';
    const extra = `comment on table notes is 'one; two'; create function one() returns int language plpgsql as $$ begin return 1; end; $$;`;
    writeFileSync(file, `${readFileSync(file, 'utf8')}${extra}`);
    await migrate(params);
    const seen = await withClient(database.adminUrl, (client) =>
      client.query(`select obj_description('notes.notes'::regclass) as said, notes.one() as one`),
    );
    expect(seen.rows).toEqual([{ said: 'one; two', one: 1 }]);
  });

  it('fail with the message of Postgres and no stack of the engine', async () => {
    const params = paramsFor(database);
    writeFileSync(params.schemaPath, schema('body String'));
    const file = (await createMigration({ ...paramsFor(shadow), name: 'notes', now })) ?? '';
    writeFileSync(file, 'create tabel notes (id int);');
    await expect(migrate(params)).rejects.toThrow(
      /^The migrations of the Postgres schema "notes" failed: [^]*syntax error at or near "tabel"(?![^]*0: )/,
    );
  });
});
