/** Waiting in tests: on a condition with a deadline, never for a time. */
import { jest } from '@jest/globals';
import { withClient } from '@cipherchat/test-kit';
import type { AuthWorld } from './auth-world.js';

/** A machine that does much else at once takes seconds for what takes milliseconds. */
jest.setTimeout(30_000);

/** Work that has begun, and either waits for a lock in the database by now or is done. */
export async function waitingOrDone<Result>(
  world: AuthWorld,
  work: Promise<Result>,
): Promise<{ readonly outcome: Promise<Result>; readonly isDone: boolean }> {
  let isDone = false;
  const outcome = work.finally(() => (isDone = true));
  outcome.catch(() => {}); // whoever awaits `outcome` hears of it
  await until(async () => {
    if (isDone) return true;
    const { rows } = await withClient(world.database.adminUrl, (client) =>
      client.query<{ waiting: number }>(
        `select count(*)::int as waiting from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      ),
    );
    return (rows[0]?.waiting ?? 0) > 0;
  });
  return { outcome, isDone };
}

/** Waits for a condition; a test never sleeps. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 20_000; !(await condition());) {
    if (Date.now() > deadline) throw new Error('it did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
