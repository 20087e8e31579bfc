/** `npm start`: brings up the whole system on this machine and keeps it up until Ctrl-C. */
import { mkdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ExplainedError } from '@cipherchat/test-kit';
import { runCommand, untilAskedToStop } from '../command-line.js';
import { LocalSystem, type StartOptions } from '../local-system.js';
import { dataDir } from '../repository.js';
import { readRunFile } from '../run-file.js';
import { systemLockFile, takeLock } from '../process-lock.js';

const help = `npm start [-- options]
  --tls                  serve https and wss, with a certificate made for this machine
  --registration invite  only people with an invite may register (default here: open)`;

await runCommand(async () => {
  const options = optionsOf();
  if (options === 'help') {
    console.log(help);
    return;
  }
  const stopAsked = untilAskedToStop();
  mkdirSync(dataDir, { recursive: true });
  const lock = await takeLock(systemLockFile);
  if (lock.kind === 'held') throw new ExplainedError(alreadyRunning(lock.pid));
  const system = new LocalSystem(options);
  try {
    await Promise.race([system.start(), stopAsked]);
    const reason = await Promise.race([stopAsked, system.failed()]);
    if (reason === 'signal') console.log('\nStopping.');
  } finally {
    await system.stop();
    lock.release();
  }
  console.log('CipherChat has stopped. Its data stays in .data (npm run reset removes it).');
});
// A step of the start may still wait for something that will not come.
process.exit();

function optionsOf(): StartOptions | 'help' {
  try {
    const { values } = parseArgs({
      options: { tls: { type: 'boolean' }, registration: { type: 'string' }, help: { type: 'boolean' } },
    });
    if (values.help === true) return 'help';
    const { registration = 'open' } = values;
    if (registration !== 'open' && registration !== 'invite')
      throw new Error('--registration is open or invite.');
    return { transport: values.tls === true ? 'tls' : 'plain', registration };
  } catch (error) {
    throw new ExplainedError(`${(error as Error).message}\n${help}`);
  }
}

function alreadyRunning(pid: number): string {
  const url = readRunFile()?.serverUrl;
  const where = url === undefined ? 'it is still starting' : `at ${url}`;
  return `CipherChat is already running (process ${pid}, ${where}). Stop it with Ctrl-C there, or: kill ${pid}`;
}
