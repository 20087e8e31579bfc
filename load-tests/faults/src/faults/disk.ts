/** A full disk for Postgres: a file system of its own, in memory, on which a ballast file takes all that is left. */
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync, statfsSync, writeSync } from 'node:fs';
import path from 'node:path';
import { ExplainedError, run, temporaryFolder } from '@cipherchat/test-kit';
import type { Fault } from '../fault.js';

const sourcePrefix = 'cipherchat-faults-';
const diskSize = '768m';
const chunkBytes = 1024 * 1024;
const pageBytes = 4_096;

export type SmallDisk = {
  /** For Postgres's data. */
  readonly dataDir: string;
  readonly close: () => void;
};

let ballast = '';

/** What Postgres keeps besides tables is small, so that it is tables that do not fit. */
export const smallDiskSettings = { max_wal_size: '64MB', min_wal_size: '32MB' } as const;

async function whySmallDiskIsMissing(): Promise<string | null> {
  return process.platform === 'linux' && process.getuid?.() === 0
    ? null
    : 'needs root, to mount a file system';
}

export async function mountSmallDisk(): Promise<SmallDisk> {
  await unmountLeftBehind();
  const folder = temporaryFolder('disk');
  const source = `${sourcePrefix}${process.pid}`;
  const args = ['-t', 'tmpfs', '-o', `size=${diskSize},mode=755`, source, folder.path];
  const { status, stderr } = await run({ program: 'mount', args });
  if (status !== 0) throw new ExplainedError(`mount failed: ${stderr.trim()}`);
  ballast = path.join(folder.path, 'ballast');
  // Lazily: when we are interrupted, Postgres still runs, and ends a moment after us.
  const unmount = (): void => void spawnSync('umount', ['--lazy', folder.path]);
  process.once('exit', unmount);
  return {
    dataDir: path.join(folder.path, 'data'),
    close: () => {
      unmount();
      process.off('exit', unmount);
      folder.remove();
    },
  };
}

/** Of runs that were killed: their process is gone. */
async function unmountLeftBehind(): Promise<void> {
  for (const line of readFileSync('/proc/mounts', 'utf8').split('\n')) {
    const [source = '', target = ''] = line.split(' ');
    if (source.startsWith(sourcePrefix) && !existsSync(`/proc/${source.slice(sourcePrefix.length)}`))
      await run({ program: 'umount', args: [target] });
  }
}

function fill(): void {
  const file = openSync(ballast, 'w');
  try {
    for (let size = chunkBytes; size >= pageBytes; size /= 2) writeUntilFull(file, size);
  } finally {
    closeSync(file);
  }
  if (statfsSync(ballast).bavail > 0) throw new Error('the disk is not full');
}

function writeUntilFull(file: number, sizeBytes: number): void {
  const chunk = Buffer.alloc(sizeBytes);
  try {
    for (;;) if (writeSync(file, chunk) < sizeBytes) return;
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOSPC') throw error;
  }
}

export const diskFaults: readonly Fault[] = [
  {
    name: 'fill-disk',
    what: 'the disk of Postgres is full; then there is room again, and Postgres is started if it gave up',
    holdMs: 2_500,
    surroundings: 'small-disk',
    mustTellToWait: true,
    missing: whySmallDiskIsMissing,
    inject: async () => fill(),
    heal: async ({ system }) => {
      rmSync(ballast);
      if (!system.postgres.isRunning) await system.postgres.start();
    },
  },
];
