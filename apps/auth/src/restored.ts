/**
 * `node dist/restored.js`: after this service's database was restored from a backup, before the service starts again.
 * Doing it again changes nothing but numbers that are never used.
 */
import { runOperatorCommand } from '@cipherchat/service-kit';
import { voidSessions } from './sessions/void-sessions.js';

await runOperatorCommand({ service: 'auth', schema: 'auth', work: voidSessions });
