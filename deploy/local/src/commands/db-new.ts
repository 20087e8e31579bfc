/** `npm run db:new -- <service> <name>`: writes the migration from the existing ones to the service's Prisma schema. */
import path from 'node:path';
import {
  createMigration,
  ExplainedError,
  serviceDatabases,
  startPostgres,
  withClient,
} from '@cipherchat/test-kit';
import { runCommand } from '../command-line.js';
import { root } from '../repository.js';

await runCommand(async ([service, name, ...rest]) => {
  const found = serviceDatabases.find((each) => each.service === service);
  if (found === undefined || name === undefined || rest.length > 0) {
    throw new ExplainedError(
      `Usage: npm run db:new -- <${serviceDatabases.map((each) => each.service).join('|')}> <name-of-the-change>`,
    );
  }
  // A Postgres of its own: the existing migrations are replayed there, and no data is near.
  const postgres = await startPostgres();
  try {
    await withClient(postgres.url, (client) => client.query(`create schema ${found.postgresSchema}`));
    const file = await createMigration({ ...found, databaseUrl: postgres.url, name, now: new Date() });
    console.log(
      file === undefined
        ? 'The migrations already lead to this schema.'
        : `Wrote ${path.relative(root, file)}. Read it before you commit it.`,
    );
  } finally {
    await postgres.stop();
  }
});
