import { PrismaPg } from '@prisma/adapter-pg';
import { ColumnTypeEnum } from '@prisma/driver-adapter-utils';
import type { Pool } from 'pg';

/**
 * Prisma's Postgres adapter with what the schema engine needs beyond it: scripts in one piece, and the
 * internal type "char" of some columns of Postgres's catalog, which the engine reads to compare schemas.
 */
export function catalogAdapter(params: { readonly pool: Pool; readonly postgresSchema: string }): PrismaPg {
  const { pool, postgresSchema } = params;
  // The engine sends one query at a time, so these are the columns of the query that is being answered.
  let characterColumns: readonly number[] = [];
  pool.on('connect', (client) => {
    (client as unknown as WithConnection).connection.prependListener('rowDescription', ({ fields }) => {
      characterColumns = fields.flatMap((field, index) =>
        field.dataTypeID === internalCharType ? [index] : [],
      );
      for (const index of characterColumns) Object.assign(fields[index] ?? {}, { dataTypeID: fixedCharType });
    });
  });
  const factory = new PrismaPg(pool, { schema: postgresSchema });
  const connect = factory.connect.bind(factory);
  factory.connect = async () => {
    const adapter = await connect();
    const queryRaw = adapter.queryRaw.bind(adapter);
    adapter.queryRaw = async (query) => {
      const result = await queryRaw(query);
      const columnTypes = result.columnTypes.map((type, index) =>
        characterColumns.includes(index) ? ColumnTypeEnum.Character : type,
      );
      return { ...result, columnTypes };
    };
    // The adapter cuts scripts at every semicolon, also inside strings and functions. Postgres takes them whole.
    adapter.executeScript = async (script) => void (await pool.query(script));
    return adapter;
  };
  return factory;
}

/** Object ids in `pg_type`: "char" in quotes, which the adapter refuses, and char(n), which it takes. */
const internalCharType = 18;
const fixedCharType = 1042;

/** The protocol connection inside a client, which the declared type does not show. */
type WithConnection = {
  readonly connection: {
    prependListener(
      event: 'rowDescription',
      listener: (message: { readonly fields: readonly { readonly dataTypeID: number }[] }) => void,
    ): void;
  };
};
