/**
 * `npm run load -- SCENARIO… [--short] [--target URL]`: load by k6; see load-tests/k6. It runs from `dist/`, like the
 * services that it may start.
 */
import { spawn } from 'node:child_process';
import {
  inheritedEnvironment,
  k6Program,
  natsServerProgram,
  nginxProgram,
  redisServerProgram,
} from '@cipherchat/test-kit';
import { build } from '../build.js';
import { runCommand } from '../command-line.js';
import { inData, inRoot } from '../repository.js';

await runCommand(async (args) => {
  const say = (line: string): void => console.log(line);
  for (const program of [natsServerProgram, redisServerProgram, nginxProgram, k6Program]) await program(say);
  await build(say);
  const program = inRoot('load-tests/k6/dist/main.js');
  const child = spawn(
    process.execPath,
    ['--enable-source-maps', program, '--run-file', inData('run.json'), ...args],
    { stdio: 'inherit', env: inheritedEnvironment() },
  );
  process.exitCode = await new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
});
