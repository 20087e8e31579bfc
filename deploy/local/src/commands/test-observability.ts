/**
 * `npm run test:observability`: dashboards and alerts against a real Prometheus that scrapes real services; see
 * load-tests/observability. It runs from `dist/`, like the services that it starts.
 */
import { spawn } from 'node:child_process';
import {
  inheritedEnvironment,
  natsServerProgram,
  prometheusPrograms,
  redisServerProgram,
} from '@cipherchat/test-kit';
import { build } from '../build.js';
import { runCommand } from '../command-line.js';
import { inRoot } from '../repository.js';

await runCommand(async () => {
  const say = (line: string): void => console.log(line);
  await natsServerProgram(say);
  await redisServerProgram(say);
  await prometheusPrograms(say);
  await build(say);
  const program = inRoot('load-tests/observability/dist/main.js');
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--enable-source-maps', program],
    { stdio: 'inherit', env: inheritedEnvironment() },
  );
  process.exitCode = await new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
});
