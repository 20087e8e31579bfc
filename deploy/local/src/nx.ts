import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { guardProcess, inheritedEnvironment, releaseProcess } from '@cipherchat/test-kit';
import { root } from './repository.js';

export type NxRun = {
  readonly targets: readonly string[];
  /** Without it, all projects. */
  readonly projects?: readonly string[];
  readonly cache: 'use' | 'ignore';
};

/**
 * Runs targets of many projects through Nx, which remembers the ones whose inputs are unchanged, and returns
 * its exit code. Ctrl-C ends it with everything that it started, and so does our own end by SIGKILL.
 */
export async function runNx({ targets, projects, cache }: NxRun): Promise<number> {
  const args = [
    'run-many',
    `--targets=${targets.join(',')}`,
    ...(projects === undefined ? [] : [`--projects=${projects.join(',')}`]),
    ...(cache === 'use' ? [] : ['--skip-nx-cache']),
    '--output-style=stream',
    '--nx-bail=false',
  ];
  const nx = createRequire(import.meta.url).resolve('nx/bin/nx.js');
  const child = spawn(process.execPath, [nx, ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    // Its own group: signals to -pid reach everything that it started.
    detached: true,
    env: inheritedEnvironment({
      NX_DAEMON: 'false', // nothing of ours stays after the command
      NX_TUI: 'false',
      NX_ISOLATE_PLUGINS: 'false',
      NX_NATIVE_COMMAND_RUNNER: 'false', // keeps tasks in its group, where signals find them
      ...(process.stdout.isTTY ? {} : { FORCE_COLOR: '0' }), // Nx asks its tasks for colours even in a log
    }),
  });
  const group = child.pid === undefined ? undefined : -child.pid;
  if (group !== undefined) guardProcess({ pid: group, stopSignal: 'SIGTERM' });
  const stop = (): void => {
    if (group !== undefined) process.kill(group, 'SIGTERM');
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect'] as const) process.once(signal, stop);
  const code = await new Promise<number>((resolve) => {
    child.once('error', () => resolve(1));
    child.once('exit', (exitCode) => resolve(exitCode ?? 1));
  });
  if (group !== undefined) releaseProcess(group);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect'] as const) process.off(signal, stop);
  return code;
}
