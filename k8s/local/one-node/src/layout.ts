/** Names, addresses and folders of the cluster. What `inside` says is true in its own namespaces only. */
import path from 'node:path';

export const nodeName = 'one-node';

/** Everything that the cluster keeps; its `var` is /var inside. */
export const stateFolder = '/var/lib/cipherchat-one-node';
/** There for a cluster that outlives who brought it up. */
export const keptFile = path.join(stateFolder, 'kept');
export const kubeconfigFile = path.join(stateFolder, 'kubeconfig');
/** The last argument of the process that holds the namespaces: by this it is found again, whoever started it. */
export const marker = 'cipherchat-one-node/namespaces';
/** Under every controller. */
export const cgroup = 'cipherchat-one-node';

/** A link of two ends is all that leads in; no route leads out. */
export const link = { outside: 'cipherchat-one', inside: 'node0' } as const;
export const addresses = {
  machine: '10.98.0.1',
  node: '10.98.0.2',
  prefix: 30,
  pods: '10.244.0.0/24',
  services: '10.97.0.0/16',
  apiService: '10.97.0.1',
  dnsService: '10.97.0.10',
} as const;
export const apiUrl = `https://${addresses.node}:6443`;

export const inside = {
  settings: '/var/lib/one-node',
  /** The built programs. */
  programs: '/run/programs',
} as const;

/** Where this machine has a file that is below /var inside. */
export function fromOutside(file: string): string {
  return path.join(stateFolder, file);
}

export function logFile(program: string): string {
  return fromOutside(`/var/log/${program}.log`);
}

export function certificateFile(name: string): string {
  return `${inside.settings}/${name}.crt`;
}

export function keyFile(name: string): string {
  return `${inside.settings}/${name}.key`;
}
