/** `npm run lint`: ESLint over every package, through Nx, which remembers the packages that have not changed. */
import { inheritedEnvironment, run } from '@cipherchat/test-kit';
import { build } from '../build.js';
import { runCommand } from '../command-line.js';
import { runNx } from '../nx.js';
import { root } from '../repository.js';

await runCommand(async () => {
  // The rules that ask for types read what the packages offer each other from their builds.
  await build((line) => console.log(line));
  const packages = await runNx({ targets: ['lint'], cache: 'use' });
  const rootFiles = await run({
    program: 'eslint',
    args: ['*.js', '.dependency-cruiser.js'],
    cwd: root,
    env: inheritedEnvironment(),
  });
  if (rootFiles.status !== 0) console.error(rootFiles.stdout + rootFiles.stderr);
  if (packages !== 0 || rootFiles.status !== 0) process.exitCode = 1;
});
