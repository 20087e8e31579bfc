/** Whether this machine lets anybody bring up a cluster: in a container of others, root may not do it either. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { findProgram } from '@cipherchat/test-kit';
import { cgroupTrees } from './cgroups.js';

/** Nothing: it may be tried. */
export function whatMachineForbids(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'a one-node cluster of our own needs Linux and root';
  const unshare = findProgram('unshare');
  if (unshare === undefined) return 'unshare is missing (apt-get install util-linux)';
  const { status, stderr } = spawnSync(unshare, ['--mount', '--net', '--pid', '--fork', 'true'], {
    encoding: 'utf8',
  });
  if (status !== 0) return `this machine lets nobody have namespaces (${stderr.trim()})`;
  const readOnly = cgroupTrees().find((tree) => !isWritable(tree));
  return readOnly === undefined ? undefined : `${readOnly} is read-only here`;
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
