/** Everything that Postgres holds: each value of each table as the bytes it stands for, and the files below them. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { Client, escapeIdentifier, type QueryArrayConfig } from 'pg';
import type { CommentedColumn } from '../document/compare.js';
import type { Captured } from '../detector/secret.js';

export type PostgresContent = {
  readonly columns: readonly CommentedColumn[];
  readonly captured: readonly Captured[];
};

type ColumnRow = {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  readonly comment: string | null;
};

/** Tables, partitions, views and materialised views outside Postgres's own schemas. */
const columnsQuery = `
  select n.nspname as "schema", c.relname as "table", a.attname as "column", col_description(c.oid, a.attnum) as "comment"
  from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'f') and a.attnum > 0 and not a.attisdropped
    and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\\_t%'
  order by 1, 2, a.attnum`;

/** All databases of the server; `adminUrl` is its superuser's. */
export async function capturePostgres(adminUrl: string): Promise<PostgresContent> {
  const databases = await withClient(adminUrl, async (client) => {
    const { rows } = await client.query<{ datname: string }>(
      "select datname from pg_database where datallowconn and datname <> 'template1' order by 1",
    );
    return rows.map(({ datname }) => datname);
  });
  const contents: PostgresContent[] = [];
  for (const database of databases) {
    const url = new URL(adminUrl);
    url.pathname = `/${database}`;
    contents.push(await withClient(url.href, captureDatabase));
  }
  return {
    columns: contents.flatMap(({ columns }) => columns),
    captured: contents.flatMap(({ captured }) => captured),
  };
}

async function captureDatabase(client: Client): Promise<PostgresContent> {
  const { rows } = await client.query<ColumnRow>(columnsQuery);
  const captured: Captured[] = [];
  for (const { schema, table } of distinctTables(rows)) {
    const query: QueryArrayConfig = {
      text: `select * from ${escapeIdentifier(schema)}.${escapeIdentifier(table)}`,
      rowMode: 'array',
      types: { getTypeParser: (oid: number) => (oid === byteaOid ? fromHexForm : asText) },
    };
    const { rows: values, fields } = await client.query<Array<string | Buffer | null>>(query);
    for (const [rowIndex, row] of values.entries()) {
      for (const [columnIndex, value] of row.entries()) {
        if (value === null) continue;
        const location = `${schema}.${table}.${fields[columnIndex]?.name ?? '?'}, row ${rowIndex + 1}`;
        captured.push({
          place: 'postgres',
          location,
          bytes: typeof value === 'string' ? Buffer.from(value, 'utf8') : value,
        });
      }
    }
  }
  return {
    columns: rows.map(({ schema, table, column, comment }) => ({
      name: `${schema}.${table}.${column}`,
      comment,
    })),
    captured,
  };
}

const byteaOid = 17;
const asText = (text: string): string => text;

function fromHexForm(text: string): Buffer {
  return Buffer.from(text.slice('\\x'.length), 'hex');
}

function distinctTables(rows: readonly ColumnRow[]): ReadonlyArray<Pick<ColumnRow, 'schema' | 'table'>> {
  return rows.filter(
    (row, index) =>
      rows.findIndex((other) => other.schema === row.schema && other.table === row.table) === index,
  );
}

/**
 * The files of the data folder: pages with deleted rows, and the write-ahead log with everything that was
 * ever written. Whoever steals a disk or an archive of the log reads these.
 */
export async function capturePostgresFiles(adminUrl: string): Promise<readonly Captured[]> {
  const dataDir = await withClient(adminUrl, async (client) => {
    await client.query('checkpoint'); // what is only in shared memory is not in a file yet
    const { rows } = await client.query<{ data_directory: string }>('show data_directory');
    return rows[0]?.data_directory ?? '';
  });
  const files = await readdir(dataDir, { recursive: true, withFileTypes: true });
  const captured = await Promise.all(
    files
      .filter((file) => file.isFile())
      .map(async (file) => {
        const full = path.join(file.parentPath, file.name);
        return {
          place: 'postgres-files' as const,
          location: path.relative(dataDir, full),
          bytes: await readFile(full).catch(ignoreVanished),
        };
      }),
  );
  return captured.filter(({ bytes }) => bytes.length > 0);
}

/** A running server removes files between the listing and the reading. */
function ignoreVanished(error: NodeJS.ErrnoException): Buffer {
  if (error.code === 'ENOENT') return Buffer.alloc(0);
  throw error;
}

async function withClient<Result>(url: string, use: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
