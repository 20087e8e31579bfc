import type { ClientBase } from 'pg';

/** More than there can have been between a backup and its restore. */
const skippedOrders = 100_000;

/**
 * Every session ends: refresh tokens of before the backup may have been used since, and those of after it are unknown.
 * Devices sign in again with their keys. Access tokens end by themselves within ten minutes.
 *
 * The places of revocations that were lost are not given out again: services that have seen them would pass over the
 * new ones. (The service's role may draw from the sequence, and not set it.)
 * @returns how many sessions ended
 */
export async function voidSessions(client: ClientBase): Promise<number> {
  await client.query(
    `SELECT max(nextval(pg_get_serial_sequence('revocations', 'revocation_order'))) FROM generate_series(1, $1::integer)`,
    [skippedOrders],
  );
  const { rowCount } = await client.query('DELETE FROM sessions');
  return rowCount ?? 0;
}
