/** Who reaches whom, tried from inside the pods: each line of the table below connects, and nothing else does. */
import type { Case, World } from '../case.js';
import { componentOf, isReady, podsOf, servedBy, stores } from '../pods.js';

type Target = { readonly name: string; readonly host: string; readonly port: number };

const ports: Readonly<Record<string, number>> = { web: 8080, postgres: 5432, nats: 4222, redis: 6379 };
const servicePort = 3000;

/** Where nothing is in front of nginx, pods of any namespace may be people. */
const forAnybody = ['web'];
const allowed: Readonly<Record<string, readonly string[]>> = {
  auth: ['nats', 'postgres', 'redis'],
  'key-directory': ['auth', 'nats', 'postgres', 'redis'],
  'message-store': ['auth', 'nats', 'postgres', 'redis'],
  gateway: ['auth', 'nats', 'redis'],
};

/** Prints the names of those who let it connect within some seconds: policies learn a new pod's address only after it has one. */
const knock = `
const net = require('node:net');
const targets = JSON.parse(process.argv[1]);
const deadline = Date.now() + 6000;
const connects = ({ host, port }) => new Promise((resolve) => {
  const socket = net.connect({ host, port });
  const end = (reached) => { socket.destroy(); resolve(reached); };
  socket.setTimeout(1500, () => end(false));
  socket.once('connect', () => end(true));
  socket.once('error', () => setTimeout(() => end(false), 500));
});
const reached = async (target) => {
  while (Date.now() < deadline) if (await connects(target)) return target.name;
  return null;
};
Promise.all(targets.map(reached)).then((names) => console.log(JSON.stringify(names.filter((name) => name !== null))));
`;

export const network: Case = {
  name: 'network policies',
  isQuick: false,
  run: async (world) => {
    const targets = await targetsOf(world);
    const failures: string[] = [];
    let [open, shut] = [0, 0];
    const compare = (who: string, may: readonly string[], reached: readonly string[]): void => {
      for (const { name } of targets) {
        if (name === who) continue; // itself
        const [isAllowed, isReached] = [may.includes(name), reached.includes(name)];
        if (isReached) open++;
        else shut++;
        if (isAllowed !== isReached)
          failures.push(`${who} ${isReached ? 'reaches' : 'does not reach'} ${name}`);
      }
    };
    for (const [who, may] of Object.entries(allowed)) {
      const [pod] = await podsOf(world.kubectl, [who]);
      if (pod === undefined) throw new Error(`${who} has no pod`);
      const knocking = ['node', '-e', knock, JSON.stringify(targets)];
      const answer = await world.kubectl.run(['exec', pod.metadata.name, '--', ...knocking]);
      compare(who, may, JSON.parse(answer) as readonly string[]);
    }
    compare('an outsider', forAnybody, await fromOutside(world, targets));
    return { figures: `${open} connections open, ${shut} shut`, failures };
  },
};

async function targetsOf({ kubectl }: World): Promise<readonly Target[]> {
  const pods = (await podsOf(kubectl, [...servedBy, ...stores])).filter(isReady);
  return [...servedBy, ...stores].map((name) => {
    const host = pods.find((pod) => componentOf(pod) === name)?.status.podIP;
    if (host === undefined) throw new Error(`${name} has no pod`);
    return { name, host, port: ports[name] ?? servicePort };
  });
}

/** A pod of the same namespace that is none of ours. */
async function fromOutside({ kubectl }: World, targets: readonly Target[]): Promise<readonly string[]> {
  const [pod] = await podsOf(kubectl, ['auth']);
  const image = await kubectl.run([
    'get',
    'pod',
    pod?.metadata.name ?? '',
    '--output=jsonpath={.spec.containers[0].image}',
  ]);
  const name = 'outsider';
  await kubectl.apply([
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name },
      spec: {
        restartPolicy: 'Never',
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            name,
            image,
            command: ['node', '-e', knock, JSON.stringify(targets)],
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          },
        ],
      },
    },
  ]);
  try {
    await kubectl.run(['wait', '--for=jsonpath={.status.phase}=Succeeded', `pod/${name}`, '--timeout=60s']);
    return JSON.parse(await kubectl.run(['logs', name])) as readonly string[];
  } finally {
    await kubectl.run(['delete', 'pod', name, '--ignore-not-found', '--grace-period=1']);
  }
}
