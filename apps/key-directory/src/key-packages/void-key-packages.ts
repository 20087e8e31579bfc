import type { ClientBase } from 'pg';

/**
 * Every key package goes: one that was handed out since the backup must not be handed out again. Clients upload new
 * ones. Auth's list of revocations is followed from its begin again: auth may have been restored to another moment.
 * @returns how many key packages there were
 */
export async function voidKeyPackages(client: ClientBase): Promise<number> {
  await client.query('UPDATE directory_state SET revocation_order = 0 WHERE id = 1');
  const { rowCount } = await client.query('DELETE FROM key_packages');
  return rowCount ?? 0;
}
