/**
 * Where a profile's state lies, and that nobody but its owner can read it: it holds the private keys and
 * the history. Looser modes are refused instead of silently mended, since whoever could read the files
 * may have done so already.
 */
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { CliFailure } from '../exit-codes.js';

export type ProfileFolder = {
  readonly name: string;
  readonly path: string;
  /** The client's store; SQLite puts its journal files beside it. */
  readonly storeFile: string;
  /** Held while a process uses the profile. */
  readonly lockFile: string;
  /** The store's key, locked with the passphrase; absent without one. */
  readonly keyFile: string;
};

export const defaultProfileName = 'default';
const profileName = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$/;
const ownerFolder = 0o700;
const othersBits = 0o077;

/** The paths of a profile; nothing is made. @throws CliFailure `usage` for a name that could leave the folder */
export function profileFolder(params: { readonly dataHome: string; readonly name: string }): ProfileFolder {
  const { dataHome, name } = params;
  if (!profileName.test(name)) {
    throw new CliFailure('usage', `"${name}" cannot be a profile's name`, {
      hint: 'Use letters, digits, ".", "_" and "-", beginning with a letter or digit.',
    });
  }
  const folder = path.join(dataHome, 'cipherchat', 'profiles', name);
  return {
    name,
    path: folder,
    storeFile: path.join(folder, 'store.sqlite'),
    lockFile: path.join(folder, 'lock.sqlite'),
    keyFile: path.join(folder, 'store.key'),
  };
}

export function profileExists(folder: ProfileFolder): boolean {
  return existsSync(folder.storeFile);
}

/** Names of the profiles that are there. */
export function listProfiles(dataHome: string): readonly string[] {
  const parent = path.join(dataHome, 'cipherchat', 'profiles');
  if (!existsSync(parent)) return [];
  return readdirSync(parent)
    .filter((name) => profileName.test(name) && existsSync(path.join(parent, name, 'store.sqlite')))
    .sort();
}

/** Makes the folder, for its owner only, unless it is there. */
export function createProfileFolder(folder: ProfileFolder): void {
  if (existsSync(folder.path)) return;
  mkdirSync(folder.path, { recursive: true, mode: ownerFolder });
  chmodSync(folder.path, ownerFolder); // mkdir's mode passes through the umask
}

/** @throws CliFailure `profile` when somebody else could read or change the folder or a file in it */
export function requirePrivate(folder: ProfileFolder): void {
  requireOwnerOnly(folder.path);
  for (const entry of readdirSync(folder.path)) requireOwnerOnly(path.join(folder.path, entry));
}

/** Also for a file that holds a passphrase. @throws CliFailure `profile` */
export function requireOwnerOnly(file: string): void {
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (found === undefined) return; // a journal that was removed between the listing and now
  const mode = (found.mode & 0o777).toString(8).padStart(3, '0');
  const wanted = found.isDirectory() ? '700' : '600';
  if (found.isSymbolicLink())
    throw new CliFailure('profile', `${file} is a link to somewhere else; it must be the file itself`);
  if ((found.mode & othersBits) !== 0) {
    throw new CliFailure('profile', `${file} is open to other users (mode ${mode})`, {
      hint: `If you trust that nobody used that: chmod ${wanted} ${file}`,
    });
  }
  const self = process.getuid?.();
  if (self !== undefined && found.uid !== self)
    throw new CliFailure('profile', `${file} belongs to another user`);
}

/** Removes everything of the profile from this machine. */
export function removeProfile(folder: ProfileFolder): void {
  rmSync(folder.path, { recursive: true, force: true });
}
