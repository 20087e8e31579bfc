/** What outlives the namespaces: cgroups, the folder, and for a moment the outer end of the link. */
import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ExplainedError, findProgram, run } from '@cipherchat/test-kit';
import { cgroupFolders } from './cgroups.js';
import { link, stateFolder } from './layout.js';
import { holders } from './namespaces.js';

const goneWithinMs = 15_000;
const pollMs = 50;

/** Ends the cluster that runs, or what is left of one, whoever started it. Harmless where there is none. @throws ExplainedError that says what stays */
export async function removeCluster(): Promise<'removed' | 'nothing'> {
  const wasThere = holders().length > 0 || existsSync(stateFolder);
  await until('processes of the cluster', () => {
    for (const pid of holders()) kill(pid);
    return holders().length === 0;
  });
  const ip = findProgram('ip');
  if (ip !== undefined) await run({ program: ip, args: ['link', 'delete', link.outside] });
  await until('cgroups of the cluster', () => cgroupFolders().map(removeTree).every(Boolean));
  rmSync(stateFolder, { recursive: true, force: true, maxRetries: 5 });
  return wasThere ? 'removed' : 'nothing';
}

async function until(what: string, isGone: () => boolean): Promise<void> {
  const deadline = performance.now() + goneWithinMs;
  while (!isGone()) {
    if (performance.now() > deadline)
      throw new ExplainedError(`After ${goneWithinMs / 1_000} s there still are ${what}.`);
    await sleep(pollMs);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended
  }
}

/** A cgroup is removed like a folder, without its files, once no process is left in it. */
function removeTree(folder: string): boolean {
  if (!existsSync(folder)) return true;
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true }))
      if (entry.isDirectory() && !removeTree(path.join(folder, entry.name))) return false;
    rmdirSync(folder);
    return true;
  } catch {
    return false; // still in use
  }
}
