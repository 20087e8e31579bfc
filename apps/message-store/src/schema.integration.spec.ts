/** Real: Postgres with the migrations applied. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import {
  createMigration,
  freshDatabase,
  serviceDatabases,
  sharedServers,
  withClient,
} from '@cipherchat/test-kit';

const found = serviceDatabases.find(({ service }) => service === 'message-store');
if (found === undefined) throw new Error('test-kit does not know this service');
const { schemaPath, migrationsDir, postgresSchema } = found;

/** `table` or `table.column` to the words above it in the Prisma schema. */
function wordsOfPrismaSchema(): Readonly<Record<string, string>> {
  const words: Record<string, string> = {};
  let model: { readonly doc: string; readonly fields: [string, string][] } | null = null;
  let doc: string[] = [];
  for (const line of readFileSync(schemaPath, 'utf8')
    .split('\n')
    .map((each) => each.trim())) {
    if (line.startsWith('///')) {
      doc.push(line.slice(3).trim());
      continue;
    }
    if (line.startsWith('model ')) model = { doc: doc.join(' '), fields: [] };
    const table = /^@@map\("(\w+)"\)/.exec(line)?.[1];
    if (model !== null && table !== undefined) {
      words[table] = model.doc;
      for (const [column, text] of model.fields) words[`${table}.${column}`] = text;
      model = null;
    } else if (model !== null && /^\w+ /.test(line) && !line.startsWith('model ')) {
      model.fields.push([/@map\("(\w+)"\)/.exec(line)?.[1] ?? line.split(' ')[0] ?? '', doc.join(' ')]);
    }
    doc = [];
  }
  return words;
}

describe('the schema of the log', () => {
  it('says of every table and column why the server must know it, in Postgres as in Prisma', async () => {
    const database = await freshDatabase();
    const { rows } = await withClient(database.adminUrl, (client) =>
      client.query<{ place: string; words: string | null }>(
        `SELECT t.table_name || coalesce('.' || c.column_name, '') AS place,
           CASE WHEN c.column_name IS NULL THEN obj_description(t.id) ELSE col_description(t.id, c.ordinal_position) END AS words
         FROM (SELECT table_name, format('%I.%I', table_schema, table_name)::regclass::oid AS id FROM information_schema.tables WHERE table_schema = $1 AND table_name <> '_prisma_migrations') t
         CROSS JOIN LATERAL (
           SELECT NULL AS column_name, 0 AS ordinal_position
           UNION ALL SELECT column_name, ordinal_position FROM information_schema.columns WHERE table_schema = $1 AND table_name = t.table_name
         ) c`,
        [postgresSchema],
      ),
    );
    await database.drop();
    expect(rows.length).toBeGreaterThan(40);
    expect(Object.fromEntries(rows.map(({ place, words }) => [place, words]))).toEqual(wordsOfPrismaSchema());
  });

  it('has no sender in it', () => {
    const log = Object.keys(wordsOfPrismaSchema()).filter((place) => /^(envelopes|commits)\./.test(place));
    expect(log.some((place) => /sender|author/.test(place))).toBe(false);
    expect(
      log.filter((place) => place.startsWith('envelopes.')).some((place) => /user|device/.test(place)),
    ).toBe(false);
  });

  it('is the same in the migrations as in Prisma', async () => {
    const copy = mkdtempSync(path.join(tmpdir(), 'migrations-'));
    cpSync(migrationsDir, copy, { recursive: true });
    const { postgresUrl } = sharedServers();
    const name = `drift_${process.pid}`;
    await withClient(postgresUrl, (client) => client.query(`CREATE DATABASE ${name}`));
    const url = new URL(postgresUrl);
    url.pathname = `/${name}`;
    try {
      await withClient(url.href, (client) => client.query(`CREATE SCHEMA ${postgresSchema}`));
      const before = readdirSync(copy);
      const written = await createMigration({
        databaseUrl: url.href,
        postgresSchema,
        schemaPath,
        migrationsDir: copy,
        name: 'drift',
        now: new Date(0),
      });
      expect(written === undefined ? '' : readFileSync(written, 'utf8')).toBe('');
      expect(readdirSync(copy)).toEqual(before);
    } finally {
      rmSync(copy, { recursive: true });
      await withClient(postgresUrl, (client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`));
    }
  });
});
