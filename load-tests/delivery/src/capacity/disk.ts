/** What messages cost Postgres, from its own counters. */
import { Client } from 'pg';
import type { Coefficients } from './model.js';

export type DiskState = {
  readonly envelopes: number;
  readonly bytes: number;
  readonly walBytes: number;
  readonly commits: number;
  /** Of those that still have one, on average as it is stored. */
  readonly ciphertextBytes: number;
};

const query = `
  SELECT (SELECT count(*) FROM messages.envelopes)::float8 AS envelopes,
    pg_total_relation_size('messages.envelopes')::float8 AS bytes,
    pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 AS "walBytes",
    (SELECT xact_commit FROM pg_stat_database WHERE datname = current_database())::float8 AS commits,
    coalesce((SELECT avg(pg_column_size(ciphertext)) FROM messages.envelopes WHERE ciphertext IS NOT NULL), 0)::float8
      AS "ciphertextBytes"`;

export async function readDisk(databaseUrl: string): Promise<DiskState> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<DiskState>(query);
    const [state] = rows;
    if (state === undefined) throw new Error('Postgres said nothing of itself');
    return state;
  } finally {
    await client.end();
  }
}

/** Rows that were cleared keep their place and their entries in indexes. */
export function diskCosts(before: DiskState, after: DiskState): Coefficients['postgres'] {
  const envelopes = after.envelopes - before.envelopes;
  const bytesPerMessage = (after.bytes - before.bytes) / envelopes;
  return {
    bytesPerMessage,
    bytesPerClearedMessage: Math.max(0, bytesPerMessage - after.ciphertextBytes),
    walBytesPerMessage: (after.walBytes - before.walBytes) / envelopes,
    commitsPerMessage: (after.commits - before.commits) / envelopes,
  };
}
