import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { run } from '@cipherchat/test-kit';
import { inData } from './repository.js';

const lockFile = inData('run.lock');

/** Who runs the system of this checkout. The start time tells a process from a later one with the same pid. */
type Holder = { readonly pid: number; readonly startedAt: string };

export type RunLock =
  { readonly kind: 'taken'; readonly release: () => void } | { readonly kind: 'held'; readonly pid: number };

/** Takes the lock of `.data`, or says which living process holds it. A lock left by a killed process counts for nothing. */
export async function takeRunLock(): Promise<RunLock> {
  mkdirSync(path.dirname(lockFile), { recursive: true });
  const ourselves: Holder = { pid: process.pid, startedAt: (await startTime(process.pid)) ?? '' };
  for (;;) {
    try {
      writeFileSync(lockFile, JSON.stringify(ourselves), { flag: 'wx' });
      return { kind: 'taken', release: () => rmSync(lockFile, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const pid = await runningPid();
    if (pid !== undefined) return { kind: 'held', pid };
    rmSync(lockFile, { force: true });
  }
}

/** The process that runs the system of this checkout now, if one does. */
async function runningPid(): Promise<number | undefined> {
  const holder = readHolder();
  if (holder === undefined) return undefined;
  return (await startTime(holder.pid)) === holder.startedAt ? holder.pid : undefined;
}

function readHolder(): Holder | undefined {
  try {
    return JSON.parse(readFileSync(lockFile, 'utf8')) as Holder;
  } catch {
    return undefined; // no lock, or one whose writer was killed while writing
  }
}

/** When a living process started, in whatever unit the system has; `undefined` when there is no such process. */
async function startTime(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    try {
      // Field 22 of proc(5)'s stat, in ticks since boot; the name in field 2 may hold spaces, so count after it.
      return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19];
    } catch {
      return undefined;
    }
  }
  const { status, stdout } = await run({ program: 'ps', args: ['-o', 'lstart=', '-p', String(pid)] });
  return status === 0 ? stdout.trim() : undefined;
}
