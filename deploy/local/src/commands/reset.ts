/** `npm run reset`: removes everything that `npm start` keeps on this machine. */
import { rmSync } from 'node:fs';
import { ExplainedError } from '@cipherchat/test-kit';
import { runCommand } from '../command-line.js';
import { dataDir } from '../repository.js';
import { systemLockFile, takeLock } from '../process-lock.js';

await runCommand(async () => {
  const lock = await takeLock(systemLockFile);
  if (lock.kind === 'held') {
    throw new ExplainedError(
      `CipherChat is running (process ${lock.pid}). Stop it first: Ctrl-C there, or kill ${lock.pid}`,
    );
  }
  rmSync(dataDir, { recursive: true, force: true });
  console.log('Removed .data: accounts, messages, keys of the services and logs are gone.');
});
