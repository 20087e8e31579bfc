/**
 * `npm run test:blind [-- --write-columns]`: shows that the server is blind; see libs/blind-check. It runs from
 * `dist/`, like the services that it starts.
 */
import { spawn } from 'node:child_process';
import { inheritedEnvironment } from '@cipherchat/test-kit';
import { build } from '../build.js';
import { runCommand } from '../command-line.js';
import { inRoot } from '../repository.js';

await runCommand(async (args) => {
  await build((line) => console.log(line));
  const program = inRoot('libs/blind-check/dist/main.js');
  const child = spawn(process.execPath, ['--enable-source-maps', program, ...args], {
    stdio: 'inherit',
    env: inheritedEnvironment(),
  });
  process.exitCode = await new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
});
