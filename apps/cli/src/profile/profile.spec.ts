/** Real: the file system, SQLite's locks, child processes. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CliFailure } from '../exit-codes.js';
import { choosePassphrase, readPassphrase } from './passphrase.js';
import {
  createProfileFolder,
  listProfiles,
  profileFolder,
  requirePrivate,
  type ProfileFolder,
} from './profile-folder.js';
import { lockProfile } from './profile-lock.js';

let dataHome: string;
let folder: ProfileFolder;
beforeEach(() => {
  dataHome = mkdtempSync(path.join(tmpdir(), 'cipherchat-profile-'));
  folder = profileFolder({ dataHome, name: 'anna' });
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(dataHome, { recursive: true, force: true });
});
const children: ChildProcess[] = [];

function failureOf(work: () => unknown): CliFailure {
  try {
    work();
  } catch (error) {
    if (error instanceof CliFailure) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

describe("a profile's folder", () => {
  it.each(['..', '../x', 'a/b', '', '.hidden', 'x'.repeat(65), 'a b', 'ä'])('cannot be named %j', (name) => {
    expect(failureOf(() => profileFolder({ dataHome, name })).reason).toBe('usage');
  });

  it('is made for its owner only, whatever the umask', () => {
    const before = process.umask(0o000);
    createProfileFolder(folder);
    process.umask(before);
    expect(statSync(folder.path).mode & 0o777).toBe(0o700);
    requirePrivate(folder);
  });

  it.each([0o755, 0o750, 0o701])('is refused with mode %o, and says how to mend it', (mode) => {
    createProfileFolder(folder);
    chmodSync(folder.path, mode);
    const failure = failureOf(() => requirePrivate(folder));
    expect(failure.reason).toBe('profile');
    expect(failure.message).toContain('open to other users');
    expect(failure.hint).toContain(`chmod 700 ${folder.path}`);
  });

  it.each([0o644, 0o640, 0o660, 0o604])('is refused with a file of mode %o in it', (mode) => {
    createProfileFolder(folder);
    writeFileSync(folder.storeFile, 'x');
    chmodSync(folder.storeFile, mode);
    expect(failureOf(() => requirePrivate(folder)).hint).toContain(`chmod 600 ${folder.storeFile}`);
  });

  it('is refused when a file in it is a link', () => {
    createProfileFolder(folder);
    writeFileSync(path.join(dataHome, 'elsewhere'), 'x', { mode: 0o600 });
    symlinkSync(path.join(dataHome, 'elsewhere'), folder.storeFile);
    expect(failureOf(() => requirePrivate(folder)).message).toContain('link');
  });

  it('is listed once it has a store', () => {
    expect(listProfiles(dataHome)).toEqual([]);
    createProfileFolder(folder);
    expect(listProfiles(dataHome)).toEqual([]);
    writeFileSync(folder.storeFile, '');
    expect(listProfiles(dataHome)).toEqual(['anna']);
  });
});

describe("a profile's lock", () => {
  /** Holds the lock until it is killed, as another cipherchat would. */
  async function otherHolder(): Promise<ChildProcess> {
    const program = `
      const { DatabaseSync } = require('node:sqlite');
      new DatabaseSync(${JSON.stringify(folder.lockFile)}).exec('BEGIN EXCLUSIVE');
      console.log('held'); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'ignore'] });
    children.push(child);
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    return child;
  }

  it('refuses a second process with a message that says what to do', async () => {
    createProfileFolder(folder);
    await otherHolder();
    const failure = failureOf(() => lockProfile(folder));
    expect(failure.reason).toBe('locked');
    expect(failure.message).toContain('"anna" is in use');
    expect(failure.hint).toContain('--profile');
  });

  it('is free again as soon as its holder was killed', async () => {
    createProfileFolder(folder);
    const holder = await otherHolder();
    const gone = new Promise((resolve) => holder.once('exit', resolve));
    holder.kill('SIGKILL');
    await gone;
    lockProfile(folder).release();
  });

  it('names the process that holds it, and is free after it was released', () => {
    createProfileFolder(folder);
    const lock = lockProfile(folder);
    expect(failureOf(() => lockProfile(folder)).message).toContain(`process ${process.pid}`);
    lock.release();
    lock.release();
    lockProfile(folder).release();
  });

  it('leaves only files that their owner alone can read', () => {
    createProfileFolder(folder);
    const before = process.umask(0o000);
    const lock = lockProfile(folder);
    process.umask(before);
    requirePrivate(folder);
    lock.release();
  });
});

describe('a passphrase', () => {
  const never = async (): Promise<string> => {
    throw new Error('it asked');
  };

  it('is the first line of a private file', async () => {
    const file = path.join(dataHome, 'passphrase');
    writeFileSync(file, 'correct horse battery\nrest\n', { mode: 0o600 });
    expect(await readPassphrase({ file, ask: never }, 'anna')).toBe('correct horse battery');
    expect(await choosePassphrase({ file, ask: never })).toBe('correct horse battery');
  });

  it('is refused from a file that others can read, that is empty, or that is not there', async () => {
    const file = path.join(dataHome, 'passphrase');
    await expect(readPassphrase({ file, ask: never }, 'anna')).rejects.toMatchObject({ reason: 'profile' });
    writeFileSync(file, '\n', { mode: 0o600 });
    await expect(readPassphrase({ file, ask: never }, 'anna')).rejects.toMatchObject({ reason: 'profile' });
    writeFileSync(file, 'correct horse battery\n');
    chmodSync(file, 0o644);
    await expect(readPassphrase({ file, ask: never }, 'anna')).rejects.toMatchObject({ reason: 'profile' });
  });

  it('is asked for twice when it is new, and must be the same and long enough', async () => {
    const answering =
      (...answers: readonly string[]) =>
      (): Promise<string> =>
        Promise.resolve((answers as string[]).shift() ?? '');
    expect(
      await choosePassphrase({ file: undefined, ask: answering('correct horse', 'correct horse') }),
    ).toBe('correct horse');
    await expect(
      choosePassphrase({ file: undefined, ask: answering('correct horse', 'correct house') }),
    ).rejects.toMatchObject({ reason: 'usage' });
    await expect(
      choosePassphrase({ file: undefined, ask: answering('short', 'short') }),
    ).rejects.toMatchObject({ reason: 'usage' });
  });
});
