/**
 * `npm run restored`: after `.data/postgres` was put back from a backup, before `npm start`: what an operator runs
 * beside each service, for the system of this machine. See docs/runbooks/restore.md.
 */
import { existsSync } from 'node:fs';
import { ExplainedError, runServiceProgram, serviceDatabases } from '@cipherchat/test-kit';
import { build, runnablePackages } from '../build.js';
import { runCommand } from '../command-line.js';
import { databaseUrlFile, migrateLocal, startLocalPostgres } from '../infrastructure.js';
import { choosePorts, serverPortNames } from '../local-ports.js';
import { systemLockFile, takeLock } from '../process-lock.js';
import { inData } from '../repository.js';

const whatEnded = {
  auth: 'sessions ended; devices sign in again by themselves',
  'key-directory': 'key packages removed; devices upload new ones',
  'message-store': 'conversations closed until a member of each is back',
} as const;

await runCommand(async () => {
  const say = (line: string): void => console.log(line);
  if (!existsSync(inData('postgres', 'PG_VERSION')))
    throw new ExplainedError('There is no database in .data/postgres. Put the backup there first.');
  const lock = await takeLock(systemLockFile);
  if (lock.kind === 'held')
    throw new ExplainedError(
      `CipherChat is running (process ${lock.pid}). Stop it first: services that run would go on with what they remember.`,
    );
  try {
    await build(say, runnablePackages);
    const postgres = await startLocalPostgres(await choosePorts(serverPortNames));
    try {
      // The backup may be older than this version.
      await migrateLocal(postgres);
      for (const { service } of serviceDatabases) {
        const environment = { DATABASE_URL_FILE: databaseUrlFile(postgres, service) };
        const said = await runServiceProgram({ service, program: 'restored', environment });
        say(`${service}: ${countIn(said)} ${whatEnded[service]}`);
      }
    } finally {
      await postgres.stop();
    }
  } finally {
    lock.release();
  }
  say('restored: done. npm start; clients do the rest when they come back.');
});

/** From the event that the program logs, one JSON object a line. */
function countIn(said: string): number {
  const event = said.split('\n').find((line) => line.includes('"operator.restored"'));
  if (event === undefined) throw new ExplainedError(`It did not say what it did:\n${said}`);
  return (JSON.parse(event) as { readonly count: number }).count;
}
