/**
 * One process at a time for a profile: two that encrypt with the same keys would use a nonce twice. The
 * store would notice (its writer's generation), but only after one of the two had lost its place.
 *
 * The lock is SQLite's own on an empty database: a lock of the operating system, which ends with the
 * process however that ends. There is nothing to clean up after a crash, and no stale lock to override.
 */
import { chmodSync, closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { CliFailure } from '../exit-codes.js';
import type { ProfileFolder } from './profile-folder.js';

export type ProfileLock = { readonly release: () => void };

const sqliteBusy = 5;
const ownerFile = 0o600;

/** @throws CliFailure `locked` when another process holds it */
export function lockProfile(folder: ProfileFolder): ProfileLock {
  closeSync(openSync(folder.lockFile, 'a', ownerFile));
  chmodSync(folder.lockFile, ownerFile);
  const database = new DatabaseSync(folder.lockFile, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!isBusy(error)) throw error;
    throw new CliFailure('locked', `the profile "${folder.name}" is in use${holderOf(folder)}`, {
      hint: 'End that one first, or use another profile: --profile NAME',
    });
  }
  writeFileSync(holderFile(folder), `${process.pid}\n`, { mode: ownerFile });
  return {
    release: () => {
      if (database.isOpen) database.close();
    },
  };
}

/** For the message only; the lock itself does not depend on it. */
function holderFile(folder: ProfileFolder): string {
  return `${folder.lockFile}.pid`;
}

function holderOf(folder: ProfileFolder): string {
  try {
    return ` by another cipherchat, process ${Number.parseInt(readFileSync(holderFile(folder), 'utf8'), 10)}`;
  } catch {
    return ' by another cipherchat'; // it has the lock and has not written its number yet
  }
}

function isBusy(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'errcode' in error && error.errcode === sqliteBusy;
}
