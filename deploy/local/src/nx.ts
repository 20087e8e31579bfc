import { createRequire } from 'node:module';
import { inheritedEnvironment } from '@cipherchat/test-kit';
import { runGuarded } from './guarded-program.js';

export type NxRun = {
  readonly targets: readonly string[];
  /** Without it, all projects. */
  readonly projects?: readonly string[];
  readonly cache: 'use' | 'ignore';
};

/** Runs targets of many projects through Nx, which remembers the ones whose inputs are unchanged, and returns its exit code. */
export function runNx({ targets, projects, cache }: NxRun): Promise<number> {
  const args = [
    'run-many',
    `--targets=${targets.join(',')}`,
    ...(projects === undefined ? [] : [`--projects=${projects.join(',')}`]),
    ...(cache === 'use' ? [] : ['--skip-nx-cache']),
    '--output-style=stream',
    '--nx-bail=false',
  ];
  const nx = createRequire(import.meta.url).resolve('nx/bin/nx.js');
  return runGuarded({
    program: process.execPath,
    args: [nx, ...args],
    env: inheritedEnvironment({
      NX_DAEMON: 'false', // nothing of ours stays after the command
      NX_TUI: 'false',
      NX_ISOLATE_PLUGINS: 'false',
      NX_NATIVE_COMMAND_RUNNER: 'false', // keeps tasks in its group, where signals find them
      ...(process.stdout.isTTY ? {} : { FORCE_COLOR: '0' }), // Nx asks its tasks for colours even in a log
    }),
  });
}
