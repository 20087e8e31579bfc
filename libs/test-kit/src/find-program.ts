import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { environment } from './config.js';

/** Debian keeps servers in `sbin`, which is not on everyone's PATH; Homebrew has its own place. */
const moreFolders = [
  '/usr/sbin',
  '/usr/local/sbin',
  '/usr/local/bin',
  '/opt/homebrew/bin',
  '/usr/local/go/bin',
];

/** The absolute path of a program on PATH or in the usual places; `undefined` when it is not installed. */
export function findProgram(name: string): string | undefined {
  const folders = [...(environment().path?.split(path.delimiter) ?? []), ...moreFolders];
  return folders.map((folder) => path.join(folder, name)).find(isExecutable);
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What the program prints, or `undefined` when it does not run. */
export function outputOf(program: string, args: readonly string[]): string | undefined {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}

/** Where programs that we build stay for all checkouts of this user: `~/.cache/cipherchat/bin`. */
export function programCache(): string {
  return path.join(environment().cacheHome ?? path.join(homedir(), '.cache'), 'cipherchat', 'bin');
}
