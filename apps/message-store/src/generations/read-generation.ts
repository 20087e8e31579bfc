import type { Pool } from 'pg';

/** Which restore the logs come from. Read each time: nothing tells this process that an operator has restored them, if it was left running. */
export async function readGeneration(pool: Pool): Promise<number> {
  const found = await pool.query<{ readonly generation: number }>({
    name: 'generation',
    text: 'SELECT generation FROM store_state WHERE id = 1',
  });
  const [row] = found.rows;
  if (row === undefined) throw new Error('the store has no state: its migrations were not applied');
  return row.generation;
}
