/**
 * `node dist/restored.js`: after this service's database was restored from a backup, before the service starts again.
 * Doing it again makes one generation more, which costs clients a comparison of their logs and nothing else.
 */
import { runOperatorCommand } from '@cipherchat/service-kit';
import { postgresSchema } from './database-lanes.js';
import { beginGeneration } from './generations/begin-generation.js';

await runOperatorCommand({ service: 'message-store', schema: postgresSchema, work: beginGeneration });
