import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { temporaryFolder, type TemporaryFolder } from '@cipherchat/test-kit';
import { takeLock } from './process-lock.js';

describe('a process lock', () => {
  let folder: TemporaryFolder;
  let file: string;
  beforeEach(() => {
    folder = temporaryFolder('lock');
    file = path.join(folder.path, 'made/for/it', 'run.lock');
  });
  afterEach(() => folder.remove());

  it('is held by the process that took it until it lets go', async () => {
    const lock = await takeLock(file);
    expect(await takeLock(file)).toEqual({ kind: 'held', pid: process.pid });
    if (lock.kind !== 'taken') throw new Error('not taken');
    lock.release();
    expect(existsSync(file)).toBe(false);
    expect((await takeLock(file)).kind).toBe('taken');
  });

  it('of a process that was killed counts for nothing', async () => {
    const child = spawn(process.execPath, ['-e', ''], { stdio: 'ignore' });
    await new Promise((resolve) => child.once('exit', resolve));
    await takeLock(file);
    const ours = readFileSync(file, 'utf8');
    writeFileSync(file, JSON.stringify({ ...(JSON.parse(ours) as object), pid: child.pid }));
    expect((await takeLock(file)).kind).toBe('taken');
    expect(readFileSync(file, 'utf8')).toBe(ours);
  });

  it('of an earlier process with the same pid counts for nothing', async () => {
    await takeLock(file);
    writeFileSync(file, JSON.stringify({ pid: process.pid, startedAt: '1' }));
    expect((await takeLock(file)).kind).toBe('taken');
  });

  it('goes to one of several that ask at once', async () => {
    const locks = await Promise.all(Array.from({ length: 20 }, () => takeLock(file)));
    expect(locks.filter(({ kind }) => kind === 'taken')).toHaveLength(1);
  });
});
