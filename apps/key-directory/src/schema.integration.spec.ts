/** Real: Postgres with the migrations applied. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { freshDatabase, serviceDatabases, withClient } from '@cipherchat/test-kit';

const directory = serviceDatabases.find(({ service }) => service === 'key-directory')!;

/** `table` or `table.column` to the `///` words before it in the Prisma schema. */
function wordsOfSchema(): Map<string, string> {
  const words = new Map<string, string>();
  const source = readFileSync(directory.schemaPath, 'utf8');
  for (const [, doc = '', body = ''] of source.matchAll(/((?:^\/\/\/.*\n)+)model \w+ \{\n([\s\S]*?)\n\}/gm)) {
    const table = /@@map\("(\w+)"\)/.exec(body)![1]!;
    words.set(table, textOf(doc));
    for (const [, columnDoc = '', field = '', rest = ''] of body.matchAll(
      /((?:^ +\/\/\/.*\n)+) +(\w+)(.*)$/gm,
    )) {
      words.set(`${table}.${/@map\("(\w+)"\)/.exec(rest)?.[1] ?? field}`, textOf(columnDoc));
    }
  }
  return words;
}

const textOf = (comment: string) =>
  comment
    .trim()
    .split('\n')
    .map((line) => line.trim().replace(/^\/\/\/ ?/, ''))
    .join(' ');

describe('the schema', () => {
  it('says of every table and column why the server must know it, in Postgres as in Prisma', async () => {
    const database = await freshDatabase();
    const { rows } = await withClient(database.adminUrl, (client) =>
      client.query<{ place: string; words: string | null }>(`
        select c.relname || coalesce('.' || a.attname, '') as place, d.description as words
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'directory'
        left join lateral (select null::name as attname, 0 as attnum union all select attname, attnum from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped) a on true
        left join pg_description d on d.objoid = c.oid and d.objsubid = a.attnum
        where c.relkind = 'r' and c.relname <> '_prisma_migrations'`),
    );
    await database.drop();
    expect(Object.fromEntries(rows.map(({ place, words }) => [place, words]))).toEqual(
      Object.fromEntries(wordsOfSchema()),
    );
    expect(rows.length).toBeGreaterThan(20);
  });
});
