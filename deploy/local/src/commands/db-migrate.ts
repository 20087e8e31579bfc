/** `npm run db:migrate`: applies new migrations to the running system's database, or to that of DATABASE_URL (an administrator's). */
import { ExplainedError, inheritedEnvironment, prepareDatabase } from '@cipherchat/test-kit';
import { runCommand } from '../command-line.js';
import { readRunFile } from '../run-file.js';

await runCommand(async () => {
  const adminUrl = inheritedEnvironment()['DATABASE_URL'] ?? readRunFile()?.servers.postgres.adminUrl;
  if (adminUrl === undefined)
    throw new ExplainedError('Nothing runs here. Start it with npm start, or set DATABASE_URL.');
  const applied = await prepareDatabase({ adminUrl });
  console.log(
    applied.length === 0 ? 'The database is up to date.' : `Applied migrations: ${applied.join(', ')}.`,
  );
});
