/**
 * A store in one SQLite file, through Node's own `node:sqlite`. Node only: the second entry of the
 * package, `@cipherchat/client-sdk/sqlite`.
 *
 * `journal_mode=WAL` with `synchronous=FULL` syncs the log at every commit: a write that resolved survives
 * a power cut. What is deleted or replaced is overwritten (`secure_delete`), in the log when that comes round again. The
 * file, its log and its index are readable by their owner only.
 */
import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { SupersededError, type ScanQuery, type Store, type StoreRow, type WriteBatch } from './store.js';

const schemaVersion = 1;
/** How long a write waits for another process's write before it fails. */
const busyTimeoutMs = 5_000;

/** Opens the file, making it where it is not there. @throws Error when it was written by a newer version of this library. */
export function openSqliteStore(params: { readonly file: string }): Store {
  const { file } = params;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // Made with its mode before SQLite opens it: the files beside it take over the mode.
  closeSync(openSync(file, 'a', 0o600));
  chmodSync(file, 0o600);
  const database = new DatabaseSync(file);
  prepareDatabase(database);
  const statements = prepareStatements(database);
  return {
    get: async (table, key) => blobOf(statements.get.get(table, key)),
    scan: async (query) => scanRows(statements, query),
    write: async (batch) => inTransaction(database, () => writeBatch(statements, batch)),
    claimWriter: async () =>
      inTransaction(database, () => {
        statements.claim.run();
        return generationOf(statements);
      }),
    close: async () => database.close(),
    erase: async () => {
      // Out of the log that is written ahead, too.
      inTransaction(database, () => {
        statements.claim.run();
        database.exec('DELETE FROM entries');
      });
      database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      database.close();
    },
  };
}

function prepareDatabase(database: DatabaseSync): void {
  database.exec(
    `PRAGMA busy_timeout = ${busyTimeoutMs}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON`,
  );
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  if (version > schemaVersion) throw new Error('the file was written by a newer version of the client');
  if (version === schemaVersion) return;
  inTransaction(database, () =>
    database.exec(`
      CREATE TABLE IF NOT EXISTS entries (tab TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (tab, key)) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS writer (only INTEGER PRIMARY KEY CHECK (only = 1), generation INTEGER NOT NULL);
      INSERT INTO writer VALUES (1, 0) ON CONFLICT DO NOTHING;
      PRAGMA user_version = ${schemaVersion};
    `),
  );
}

type Statements = Readonly<
  Record<'get' | 'put' | 'remove' | 'ascending' | 'descending' | 'claim' | 'generation', StatementSync>
>;

function prepareStatements(database: DatabaseSync): Statements {
  return {
    get: database.prepare('SELECT value FROM entries WHERE tab = ? AND key = ?'),
    put: database.prepare(
      'INSERT INTO entries VALUES (?, ?, ?) ON CONFLICT (tab, key) DO UPDATE SET value = excluded.value',
    ),
    remove: database.prepare('DELETE FROM entries WHERE tab = ? AND key = ?'),
    ascending: database.prepare(
      'SELECT key, value FROM entries WHERE tab = ? AND key >= ? AND key < ? AND key > ? ORDER BY key LIMIT ?',
    ),
    descending: database.prepare(
      'SELECT key, value FROM entries WHERE tab = ? AND key >= ? AND key < ? AND key < ? ORDER BY key DESC LIMIT ?',
    ),
    claim: database.prepare('UPDATE writer SET generation = generation + 1'),
    generation: database.prepare('SELECT generation FROM writer'),
  };
}

function writeBatch(statements: Statements, batch: WriteBatch): void {
  if (generationOf(statements) !== batch.writerGeneration) throw new SupersededError();
  for (const put of batch.puts) statements.put.run(put.table, put.key, put.value);
  for (const target of batch.deletes) statements.remove.run(target.table, target.key);
}

/** Greater than every key: keys are ASCII. */
const endOfKeys = '\u{10ffff}';

function scanRows(statements: Statements, query: ScanQuery): readonly StoreRow[] {
  const { table, prefix, after, limit, order = 'ascending' } = query;
  const end = prefix + endOfKeys;
  const found =
    order === 'ascending'
      ? statements.ascending.all(table, prefix, end, after ?? '', limit)
      : statements.descending.all(table, prefix, end, after ?? end, limit);
  return found.map((row) => ({ key: String(row['key']), value: blobOf(row) ?? new Uint8Array(0) }));
}

function generationOf(statements: Statements): number {
  return Number(statements.generation.get()?.['generation']);
}

function blobOf(row: Readonly<Record<string, unknown>> | undefined): Uint8Array | null {
  const value = row?.['value'];
  return value instanceof Uint8Array ? value : null;
}

/** IMMEDIATE takes the write lock before the generation is read: the check and the write cannot be parted. */
function inTransaction<Result>(database: DatabaseSync, work: () => Result): Result {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    // After some failures (disk full) SQLite has rolled back already.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
