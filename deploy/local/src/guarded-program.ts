import { spawn } from 'node:child_process';
import { guardProcess, releaseProcess } from '@cipherchat/test-kit';
import { root } from './repository.js';

/**
 * Runs a program that starts others, with its output on ours, and returns its exit code. Ctrl-C ends it with everything
 * that it started, and so does our own end by SIGKILL; and time, where it has a limit.
 */
export async function runGuarded(params: {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly withinMs?: number;
}): Promise<number> {
  const { program, args, env, cwd = root, withinMs } = params;
  const child = spawn(program, args, {
    cwd,
    stdio: ['ignore', 'inherit', 'inherit'],
    // Its own group: signals to -pid reach everything that it started.
    detached: true,
    env,
  });
  const group = child.pid === undefined ? undefined : -child.pid;
  if (group !== undefined) guardProcess({ pid: group, stopSignal: 'SIGTERM' });
  const stop = (): void => {
    if (group !== undefined) process.kill(group, 'SIGTERM');
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect'] as const) process.once(signal, stop);
  const limit = withinMs === undefined ? undefined : setTimeout(stop, withinMs);
  const code = await new Promise<number>((resolve) => {
    child.once('error', () => resolve(1));
    child.once('exit', (exitCode) => resolve(exitCode ?? 1));
  });
  clearTimeout(limit);
  if (group !== undefined) releaseProcess(group);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect'] as const) process.off(signal, stop);
  return code;
}
