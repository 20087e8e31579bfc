import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { environment } from './config.js';

/** Debian keeps servers in `sbin`, which is not on everyone's PATH; Homebrew and Go have their own places. */
const moreFolders = [
  '/usr/sbin',
  '/usr/local/sbin',
  '/usr/local/bin',
  '/opt/homebrew/bin',
  '/usr/local/go/bin',
];

/** The absolute path of a program on PATH or in the usual places; `undefined` when it is not installed. */
export function findProgram(name: string): string | undefined {
  const { path: searchPath, onlyOnPath } = environment();
  const folders = [...(searchPath?.split(path.delimiter) ?? []), ...(onlyOnPath ? [] : moreFolders)];
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

/** How a short-lived program ended; `status` is null when it could not run or was killed. */
export type Finished = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

/** Runs a program to its end, or to the abort, with no input, without blocking: Ctrl-C is still noticed meanwhile. */
export function run(params: {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly signal?: AbortSignal;
}): Promise<Finished> {
  const { program, args, env, cwd, signal } = params;
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(env === undefined ? {} : { env }),
      ...(cwd === undefined ? {} : { cwd }),
      ...(signal === undefined ? {} : { signal }),
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    child.once('error', (error) => resolve({ status: null, stdout, stderr: error.message }));
    child.once('close', (status) => resolve({ status, stdout, stderr }));
  });
}

/** Where programs that we build stay for all checkouts of this user: `~/.cache/cipherchat/bin`. */
export function programCache(): string {
  return path.join(environment().cacheHome ?? path.join(homedir(), '.cache'), 'cipherchat', 'bin');
}
