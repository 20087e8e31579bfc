import type { ClientBase } from 'pg';

/**
 * A new generation closes every conversation until a member anchors it. It is named by the time, in minutes: a backup
 * that is restored twice must not give the same generation to two different continuations of its logs.
 *
 * Auth's list of revocations is applied from its begin again: auth may have been restored to another moment.
 * @returns how many conversations are closed by it
 */
export async function beginGeneration(client: ClientBase): Promise<number> {
  await client.query(
    `UPDATE store_state SET revocation_order = 0,
       generation = greatest(generation + 1, (extract(epoch FROM clock_timestamp()) / 60)::integer)
     WHERE id = 1`,
  );
  const { rows } = await client.query<{ readonly closed: string }>(
    'SELECT count(*) AS closed FROM conversations',
  );
  return Number(rows[0]?.closed ?? 0);
}
