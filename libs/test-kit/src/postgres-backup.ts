/**
 * A backup of a Postgres that goes on working, and its way back: what backup programs do below (Postgres manual,
 * "Making a base backup using the low level API"), since `pg_basebackup` does not come with the binaries from npm.
 */
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { withClient } from '@cipherchat/migrations';

/** Of the running server only, or made anew when it starts: the folders stay, empty. */
const emptyFolders = new Set([
  'pg_dynshmem',
  'pg_notify',
  'pg_replslot',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
]);
const logFolder = 'pg_wal';
const leftOut = new Set(['postmaster.pid', 'postmaster.opts', 'backup_label', 'tablespace_map']);

/**
 * Copies the data of the server at `adminUrl` (a superuser's) into the new folder `backupDir`. What was committed
 * before the call is in it; of what is committed meanwhile, an unbroken first part.
 */
export async function backUpPostgres(params: {
  readonly adminUrl: string;
  readonly dataDir: string;
  readonly backupDir: string;
}): Promise<void> {
  const { adminUrl, dataDir, backupDir } = params;
  await withClient(adminUrl, async (client) => {
    // Keeps the log from here on until it was copied; gone with the connection.
    await client.query(`SELECT pg_create_physical_replication_slot('backup', true, true)`);
    await client.query(`SELECT pg_backup_start('backup', true)`);
    copyFolder({
      from: dataDir,
      to: backupDir,
      wants: (name) => !leftOut.has(name),
      enters: (name) => name !== logFolder && !emptyFolders.has(name),
    });
    const { rows } = await client.query<{ readonly labelfile: string }>(
      'SELECT labelfile FROM pg_backup_stop(false)',
    );
    const labelFile = path.join(backupDir, 'backup_label');
    writeFileSync(labelFile, rows[0]?.labelfile ?? '', { mode: 0o600 });
    likeOwnerOf(backupDir, labelFile);
    copyFolder({
      from: path.join(dataDir, logFolder),
      to: path.join(backupDir, logFolder),
      wants: () => true,
      enters: () => true,
    });
  });
}

/** Puts the backup in the place of the data. Nothing may run on it. */
export function restorePostgres(params: { readonly backupDir: string; readonly dataDir: string }): void {
  const { backupDir, dataDir } = params;
  rmSync(dataDir, { recursive: true, force: true });
  copyFolder({ from: backupDir, to: dataDir, wants: () => true, enters: () => true });
}

type Copy = {
  readonly from: string;
  readonly to: string;
  /** By name, at the top only. */
  readonly wants: (name: string) => boolean;
  readonly enters: (name: string) => boolean;
};

/** With owners and modes, which Postgres insists on. Files that go meanwhile are no longer wanted. */
function copyFolder({ from, to, wants, enters }: Copy): void {
  mkdirSync(to, { recursive: true });
  likeOwnerOf(from, to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (!wants(entry.name)) continue;
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) {
      const inside = enters(entry.name);
      copyFolder({ from: source, to: target, wants: () => inside, enters: () => true });
    } else copyFile(source, target);
  }
}

function copyFile(source: string, target: string): void {
  try {
    copyFileSync(source, target);
    likeOwnerOf(source, target);
  } catch (error) {
    if ((error as { readonly code?: string }).code !== 'ENOENT') throw error;
  }
}

function likeOwnerOf(model: string, file: string): void {
  const { uid, gid, mode } = statSync(model);
  const isFolder = statSync(file).isDirectory();
  if (process.getuid?.() === 0) chownSync(file, uid, gid);
  if (isFolder === statSync(model).isDirectory()) chmodSync(file, mode & 0o777);
}
