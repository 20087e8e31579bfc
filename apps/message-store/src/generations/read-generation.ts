import type { Pool } from 'pg';

/** Which restore the logs come from. Read each time: they may be restored while this process runs. */
export async function readGeneration(pool: Pool): Promise<number> {
  const found = await pool.query<{ readonly generation: number }>({
    name: 'generation',
    text: 'SELECT generation FROM store_state WHERE id = 1',
  });
  const [row] = found.rows;
  if (row === undefined) throw new Error('the store has no state: its migrations were not applied');
  return row.generation;
}
