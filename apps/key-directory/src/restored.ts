/**
 * `node dist/restored.js`: after this service's database was restored from a backup, before the service starts again.
 * Doing it again only makes clients upload again.
 */
import { runOperatorCommand } from '@cipherchat/service-kit';
import { voidKeyPackages } from './key-packages/void-key-packages.js';

await runOperatorCommand({ service: 'key-directory', schema: 'directory', work: voidKeyPackages });
