/**
 * `npm run load -- SCENARIO… [--short] [--target URL]`: load by k6; see load-tests/k6. It runs from `dist/`, like the
 * services that it may start.
 */
import {
  inheritedEnvironment,
  k6Program,
  natsServerProgram,
  nginxProgram,
  redisServerProgram,
} from '@cipherchat/test-kit';
import { build } from '../build.js';
import { runCommand } from '../command-line.js';
import { runGuarded } from '../guarded-program.js';
import { inData, inRoot } from '../repository.js';

await runCommand(async (args) => {
  const say = (line: string): void => console.log(line);
  for (const program of [natsServerProgram, redisServerProgram, nginxProgram, k6Program]) await program(say);
  await build(say);
  process.exitCode = await runGuarded({
    program: process.execPath,
    args: [
      '--enable-source-maps',
      inRoot('load-tests/k6/dist/main.js'),
      '--run-file',
      inData('run.json'),
      ...args,
    ],
    env: inheritedEnvironment(),
  });
});
