import { failuresOf, type Case } from '../case.js';
import { askDatabase } from '../database.js';
import { podsOf, servedBy } from '../pods.js';
import { releaseName, said, succeeded } from '../release.js';

const unfinished = 'cluster-test';

/** What an administrator of the database sees of a migration that broke off: the next one is refused until somebody has looked. */
const breakOff = `insert into auth._prisma_migrations (id, checksum, migration_name, started_at, applied_steps_count)
  values ('${unfinished}', '', '${unfinished}', now(), 0)`;
const mend = `delete from auth._prisma_migrations where id = '${unfinished}'`;

export const failedMigration: Case = {
  name: 'failed migration',
  isQuick: false,
  run: async ({ kubectl, people, release }) => {
    const before = await podsOf(kubectl, servedBy);
    const failures: string[] = [];
    const load = await (
      await people()
    ).writeWhile(async () => {
      await askDatabase(kubectl, breakOff);
      try {
        const ran = await release.put('upgrade', { gateway: { replicas: 3 }, migrations: { retries: 0 } });
        if (ran.status === 0) failures.push('the upgrade went on');
        else if (!/migrations-auth|pre-upgrade/.test(said(ran))) failures.push(said(ran));
      } finally {
        await askDatabase(kubectl, mend);
      }
      // What Helm keeps as the state to come back to is the last that went well.
      succeeded(await release.helm(['rollback', releaseName, '--wait', '--timeout=3m']));
    });
    const after = new Set((await podsOf(kubectl, servedBy)).map(({ metadata }) => metadata.uid));
    const gone = before.filter(({ metadata }) => !after.has(metadata.uid)).length;
    if (gone > 0 || after.size !== before.length)
      failures.push(`${gone} of ${before.length} pods did not stay`);
    return {
      figures: `${before.length} pods stayed`,
      failures: [...failuresOf(load), ...failures],
      load,
    };
  },
};
