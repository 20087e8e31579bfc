/**
 * `npm run test:chart -- [--all]`: the specs of the chart alone, and what they looked at in one line. With `--all` once more with
 * Helm 4.
 */
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { chartFigures, installPrograms } from '@cipherchat/chart-tests';
import { helmProgram, inheritedEnvironment, type HelmMajor } from '@cipherchat/test-kit';
import { build } from '../build.js';
import { runCommand } from '../command-line.js';
import { root } from '../repository.js';

const say = (line: string): void => console.log(line);

await runCommand(async (args) => {
  const { values } = parseArgs({ args: [...args], options: { all: { type: 'boolean', default: false } } });
  await build(say, ['deploy/chart-tests']);
  await installPrograms(say);
  const majors: readonly HelmMajor[] = values.all ? [3, 4] : [3];
  for (const major of majors) {
    const helm = await helmProgram({ major, say });
    const status = await runSpecs(helm);
    say(`Helm ${major}: ${status === 0 ? 'passed' : 'FAILED'}`);
    if (status !== 0) process.exitCode = 1;
  }
  say(`${process.exitCode === 1 ? 'FAILED' : 'passed'}: ${await chartFigures()}`);
});

function runSpecs(helm: string): Promise<number> {
  const child = spawn(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      'node_modules/jest/bin/jest.js',
      '--selectProjects',
      'unit',
      'integration',
      '--',
      'deploy/chart-tests/',
    ],
    { cwd: root, stdio: 'inherit', env: inheritedEnvironment({ CIPHERCHAT_HELM: helm }) },
  );
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}
