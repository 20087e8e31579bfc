/** `npm run test:cluster -- [options]`: the chart on the cluster of the current kubeconfig; see load-tests/cluster. */
import { spawn } from 'node:child_process';
import { inheritedEnvironment } from '@cipherchat/test-kit';
import { build } from '../build.js';
import { runCommand } from '../command-line.js';
import { inRoot } from '../repository.js';

await runCommand(async (args) => {
  await build((line) => console.log(line), ['load-tests/cluster']);
  const program = inRoot('load-tests/cluster/dist/main.js');
  const child = spawn(process.execPath, ['--enable-source-maps', program, ...args], {
    stdio: 'inherit',
    env: inheritedEnvironment(),
  });
  process.exitCode = await new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
});
