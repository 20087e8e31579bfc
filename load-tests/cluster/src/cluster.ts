/** The cluster of the current kubeconfig: whether it answers, where its node is, and what it keeps data in. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { Kubectl } from './kubectl.js';

export type Cluster = {
  /** At which its NodePorts answer. */
  readonly address: string;
  /** From which this machine writes to the node: policies have to let it in. */
  readonly from: string;
  /** Of volumes that it makes by itself; nothing: it makes none. */
  readonly storageClass: string | null;
};

type Node = {
  readonly status: { readonly addresses: readonly { readonly type: string; readonly address: string }[] };
};
type StorageClass = {
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
};

const discardPort = 9;
const isDefault = 'storageclass.kubernetes.io/is-default-class';

/** What it is, or why there is none. */
export async function findCluster(): Promise<Cluster | { readonly missing: string }> {
  const kubectl = Kubectl.in('default');
  const ready = await kubectl.try(['get', '--raw=/readyz', '--request-timeout=10s']);
  if (ready.status !== 0) return { missing: ready.stderr.trim().split('\n').at(-1) ?? 'no answer' };
  const nodes = await kubectl.get<{ readonly items: readonly Node[] }>(['nodes']);
  const addresses = nodes.items.flatMap(({ status }) => status.addresses);
  const address = addresses.find(({ type }) => type === 'InternalIP')?.address;
  if (address === undefined) return { missing: 'no node has an address' };
  const classes = await kubectl.get<{ readonly items: readonly StorageClass[] }>(['storageclasses']);
  const found = classes.items.find(({ metadata }) => metadata.annotations?.[isDefault] === 'true');
  return { address, from: await addressTowards(address), storageClass: found?.metadata.name ?? null };
}

/** The machine's own address on the way there; nothing is sent. */
async function addressTowards(address: string): Promise<string> {
  const socket = createSocket('udp4');
  try {
    socket.connect(discardPort, address);
    await once(socket, 'connect');
    return socket.address().address;
  } finally {
    socket.close();
  }
}
