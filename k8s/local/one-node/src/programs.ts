/** What the cluster is made of: programs that were built by hand before, and those that Debian has. */
import { accessSync, constants, existsSync } from 'node:fs';
import path from 'node:path';
import { ExplainedError, findProgram, installDebianPackages, type Say } from '@cipherchat/test-kit';
import { programsFolder } from './config.js';
import { whatMachineForbids } from './machine.js';

export const builtPrograms = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kube-proxy',
  'kubelet',
  'coredns',
  'metrics-server',
  // Enforces network policies.
  'netpol',
  // Holds namespaces open: those of each pod, and those of the cluster.
  'pause',
] as const;

const debianPrograms = {
  containerd: 'containerd',
  ctr: 'containerd',
  runc: 'runc',
  nft: 'nftables',
  ip: 'iproute2',
  openssl: 'openssl',
  unshare: 'util-linux',
  nsenter: 'util-linux',
} as const;
const pluginPackage = 'containernetworking-plugins';
const pluginFolders = ['/usr/lib/cni', '/opt/cni/bin'];

/** Why there can be no cluster here; nothing: it can be brought up. What Debian has is installed where that is missing. */
export async function whyNoCluster(say: Say): Promise<string | undefined> {
  const forbidden = whatMachineForbids();
  if (forbidden !== undefined) return forbidden;
  const folder = programsFolder();
  const missing = builtPrograms.filter((program) => !isExecutable(path.join(folder, program)));
  if (missing.length > 0)
    return `the programs of a one-node cluster are not built (${folder} lacks ${missing.join(', ')})`;
  if (findProgram('kubectl') === undefined) return 'kubectl is missing';
  const lacking = missingPackages();
  if (lacking.length > 0) await installDebianPackages({ packages: lacking, say });
  const still = missingPackages();
  return still.length === 0 ? undefined : `${still.join(', ')} could not be installed with apt-get`;
}

/** Traefik's, where it was built with the others: a cluster needs none. */
export function edgeProgram(): string | undefined {
  const program = path.join(programsFolder(), 'traefik');
  return isExecutable(program) ? program : undefined;
}

/** The folder of the built programs, and of the plugins. @throws ExplainedError when something is missing that cannot be installed */
export async function requirePrograms(
  say: Say,
): Promise<{ readonly built: string; readonly plugins: string }> {
  const reason = await whyNoCluster(say);
  if (reason !== undefined) throw new ExplainedError(`There is no cluster: ${reason}.`);
  return { built: programsFolder(), plugins: pluginFolders.find(hasPlugins) ?? '' };
}

function missingPackages(): readonly string[] {
  const packages = Object.entries(debianPrograms)
    .filter(([program]) => findProgram(program) === undefined)
    .map(([, name]) => name);
  return [...new Set([...packages, ...(pluginFolders.some(hasPlugins) ? [] : [pluginPackage])])];
}

function hasPlugins(folder: string): boolean {
  return ['ptp', 'host-local', 'loopback'].every((plugin) => existsSync(path.join(folder, plugin)));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
