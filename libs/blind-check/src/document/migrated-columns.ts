import { randomBytes } from 'node:crypto';
import { createServiceRoles, prepareDatabase, startPostgres } from '@cipherchat/test-kit';
import { capturePostgres } from '../capture/postgres.js';
import type { CommentedColumn } from './compare.js';
import { withToolReasons } from './tool-columns.js';

/** The columns that the migrations make, with their comments, from an empty Postgres of its own. */
export async function readColumns(): Promise<readonly CommentedColumn[]> {
  const postgres = await startPostgres();
  try {
    const password = randomBytes(18).toString('base64url');
    const passwords = { auth: password, 'key-directory': password, 'message-store': password };
    await createServiceRoles({ adminUrl: postgres.url, passwords });
    await prepareDatabase({ adminUrl: postgres.url });
    return withToolReasons((await capturePostgres(postgres.url)).columns);
  } finally {
    await postgres.stop();
  }
}
