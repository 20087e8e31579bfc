import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { run } from '@cipherchat/test-kit';
import { inData, inRoot } from './repository.js';

/** Who holds a lock. The start time tells a process from a later one with the same pid. */
type Holder = { readonly pid: number; readonly startedAt: string };

export type ProcessLock =
  { readonly kind: 'taken'; readonly release: () => void } | { readonly kind: 'held'; readonly pid: number };

/** The running system of a data folder. */
export const systemLockFile = inData('run.lock');
/** A run of all tests in this checkout: two would mix their results. */
export const testLockFile = inRoot('.cache/test.lock');

/** Takes the lock, or says which living process holds it. A lock left by a killed process counts for nothing. */
export async function takeLock(lockFile: string): Promise<ProcessLock> {
  mkdirSync(path.dirname(lockFile), { recursive: true });
  const ourselves: Holder = { pid: process.pid, startedAt: (await startTime(process.pid)) ?? '' };
  // Written in full first, and then linked: nobody ever reads half a lock.
  const draft = `${lockFile}.${randomUUID()}`;
  writeFileSync(draft, JSON.stringify(ourselves));
  try {
    for (;;) {
      if (appears({ file: draft, as: lockFile })) {
        return { kind: 'taken', release: () => rmSync(lockFile, { force: true }) };
      }
      const content = contentOf(lockFile);
      if (content === undefined) continue; // released just now
      const holder = JSON.parse(content) as Holder;
      if ((await startTime(holder.pid)) === holder.startedAt) return { kind: 'held', pid: holder.pid };
      discard({ lockFile, content });
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

function appears({ file, as }: { readonly file: string; readonly as: string }): boolean {
  try {
    linkSync(file, as);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes the lock of a dead holder; a newer one, that another process put there meanwhile, is put back. */
function discard({ lockFile, content }: { readonly lockFile: string; readonly content: string }): void {
  const aside = `${lockFile}.${randomUUID()}`;
  try {
    renameSync(lockFile, aside);
  } catch {
    return; // another process was faster
  }
  if (contentOf(aside) !== content) appears({ file: aside, as: lockFile });
  rmSync(aside);
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** When a living process started, in whatever unit the system has; `undefined` when there is no such process. */
async function startTime(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    // Field 22 of proc(5)'s stat, in ticks since boot; the name in field 2 may hold spaces, so count after it.
    return contentOf(`/proc/${pid}/stat`)?.split(') ').at(-1)?.split(' ')[19];
  }
  const { status, stdout } = await run({ program: 'ps', args: ['-o', 'lstart=', '-p', String(pid)] });
  return status === 0 ? stdout.trim() : undefined;
}
