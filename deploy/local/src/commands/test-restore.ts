/**
 * `npm run test:restore -- [--rounds 4]`: the drill of a restore from backup; see load-tests/faults. It runs from
 * `dist/`, like the services that it starts.
 */
import { spawn } from 'node:child_process';
import { inheritedEnvironment, natsServerProgram, redisServerProgram } from '@cipherchat/test-kit';
import { build } from '../build.js';
import { runCommand } from '../command-line.js';
import { inRoot } from '../repository.js';

await runCommand(async (args) => {
  const say = (line: string): void => console.log(line);
  await natsServerProgram(say);
  await redisServerProgram(say);
  await build(say);
  const program = inRoot('load-tests/faults/dist/restore/main.js');
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--enable-source-maps', program, ...args],
    { stdio: 'inherit', env: inheritedEnvironment() },
  );
  process.exitCode = await new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
});
