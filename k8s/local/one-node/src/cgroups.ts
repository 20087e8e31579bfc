/** The cgroups below which kubelet sizes those of pods: of version 1 (one tree for each controller) as of version 2. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cgroup } from './layout.js';

const root = '/sys/fs/cgroup';
const isVersion2 = (): boolean => existsSync(path.join(root, 'cgroup.controllers'));

/** All that may be there, also what runc made in a tree of version 2 beside those of version 1. */
export function cgroupFolders(): readonly string[] {
  return [root, ...controllers()].map((folder) => path.join(folder, cgroup));
}

/** In which kubelet needs a group of its own. */
export function cgroupTrees(): readonly string[] {
  return isVersion2() ? [root] : controllers().filter((folder) => path.basename(folder) !== 'unified');
}

export function makeCgroups(): void {
  for (const tree of cgroupTrees()) {
    const folder = path.join(tree, cgroup);
    mkdirSync(folder, { recursive: true });
    // In version 1 a group of cpuset has no processors until it is told.
    if (path.basename(tree) !== 'cpuset') continue;
    for (const file of ['cpuset.cpus', 'cpuset.mems'])
      writeFileSync(path.join(folder, file), readFileSync(path.join(tree, file)));
  }
}

function controllers(): readonly string[] {
  if (isVersion2() || !existsSync(root)) return [];
  return readdirSync(root)
    .map((name) => path.join(root, name))
    .filter((folder) => statSync(folder).isDirectory() && existsSync(path.join(folder, 'cgroup.procs')));
}
