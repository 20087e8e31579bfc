import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { ExplainedError } from './explained-error.js';
import { findProgram } from './find-program.js';

/**
 * Postgres refuses to run as root. When we are root (a container, a build machine) it runs as the owner of
 * its data folder, or as `postgres` or `nobody` when the folder is new.
 */
export type PostgresIdentity =
  | { readonly kind: 'ourselves' }
  | {
      readonly kind: 'other-user';
      readonly uid: number;
      readonly gid: number;
      readonly readsPrivateFolders: boolean;
    };

export function postgresIdentity(params: {
  readonly dataDir: string;
  readonly programDir: string;
}): PostgresIdentity {
  if (process.getuid?.() !== 0) return { kind: 'ourselves' };
  const readsPrivateFolders = !(othersMayEnter(params.dataDir) && othersMayEnter(params.programDir));
  return { kind: 'other-user', ...ownerOf(params.dataDir), readsPrivateFolders };
}

function ownerOf(dataDir: string): { readonly uid: number; readonly gid: number } {
  if (existsSync(dataDir)) {
    const { uid, gid } = statSync(dataDir);
    if (uid !== 0) return { uid, gid };
  }
  return userIds('postgres') ?? userIds('nobody') ?? nobodyOnMostSystems;
}

const nobodyOnMostSystems = { uid: 65_534, gid: 65_534 } as const;

function userIds(name: string): { readonly uid: number; readonly gid: number } | undefined {
  try {
    const id = (flag: string): number =>
      Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }));
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined; // no such user here
  }
}

/** Whether a user who is neither root nor the owner may pass every folder above `leaf`. */
function othersMayEnter(leaf: string): boolean {
  for (let folder = path.dirname(path.resolve(leaf)); ; folder = path.dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false;
    if (folder === path.dirname(folder)) return true;
  }
}

/**
 * The program and arguments that run `program` as that identity. A checkout below a private folder (root's
 * home is one) cannot be entered by another user; there, the one capability to read and search folders is
 * kept, and nothing else of root. `no_setuid_fixup` keeps it for access(2) too, by which initdb checks its files.
 */
export function asIdentity(params: {
  readonly identity: PostgresIdentity;
  readonly program: string;
  readonly args: readonly string[];
}): {
  readonly program: string;
  readonly args: readonly string[];
  readonly identity?: { readonly uid: number; readonly gid: number };
} {
  const { identity, program, args } = params;
  if (identity.kind === 'ourselves') return { program, args };
  const { uid, gid } = identity;
  if (!identity.readsPrivateFolders) return { program, args, identity: { uid, gid } };
  const setpriv = findProgram('setpriv');
  if (setpriv === undefined) {
    throw new ExplainedError(
      'Postgres refuses to run as root, and nobody else may enter this folder. Move the checkout, work as another user, or get setpriv (Debian: util-linux).',
    );
  }
  const capability = '-all,+dac_read_search';
  return {
    program: setpriv,
    args: [
      `--reuid=${uid}`,
      `--regid=${gid}`,
      '--clear-groups',
      '--securebits=+no_setuid_fixup',
      `--inh-caps=${capability}`,
      `--ambient-caps=${capability}`,
      `--bounding-set=${capability}`,
      program,
      ...args,
    ],
  };
}
