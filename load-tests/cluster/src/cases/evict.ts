import { failuresOf, type Case, type World } from '../case.js';
import { componentOf, isReady, podsOf, servedBy, type Pod } from '../pods.js';

const withinMs = 180_000;
const againAfterMs = 1_000;

/**
 * As `kubectl drain` does it, every pod at once and those that are refused again, but on a node that still takes pods: a cluster of
 * one has no other.
 */
export const evictAll: Case = {
  name: 'node drained within the budgets',
  isQuick: false,
  run: async (world) => {
    let refused = 0;
    let fewest = Infinity;
    const load = await (
      await world.people()
    ).writeWhile(async () => {
      const deadlineMs = performance.now() + withinMs;
      let left = [...(await podsOf(world.kubectl, servedBy))];
      while (left.length > 0) {
        if (performance.now() > deadlineMs)
          throw new Error(`${left.map(componentOf).join(', ')} were not let go`);
        const kept: Pod[] = [];
        for (const pod of left) if (!(await evict(world, pod))) kept.push(pod);
        refused += kept.length;
        left = kept;
        const ready = (await podsOf(world.kubectl, servedBy)).filter(isReady);
        fewest = Math.min(
          fewest,
          ...servedBy.map((name) => ready.filter((pod) => componentOf(pod) === name).length),
        );
        await new Promise((resolve) => setTimeout(resolve, againAfterMs));
      }
    });
    const failures = failuresOf(load);
    return {
      figures: `refused ${refused} times; at least ${fewest} of each ready`,
      failures: [
        ...failures,
        ...(refused === 0 ? ['no eviction was refused'] : []),
        ...(fewest < 1 ? ['a service had no pod that was ready'] : []),
      ],
      load,
    };
  },
};

/** Whether its budget let it go. */
async function evict({ kubectl }: World, { metadata: { name } }: Pod): Promise<boolean> {
  const eviction = {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name, namespace: kubectl.namespace },
  };
  const path = `/api/v1/namespaces/${kubectl.namespace}/pods/${name}/eviction`;
  const { status, stderr } = await kubectl.try(
    ['create', `--raw=${path}`, '--filename=-'],
    JSON.stringify(eviction),
  );
  if (status === 0 || /NotFound/.test(stderr)) return true;
  if (/disruption budget|TooManyRequests/.test(stderr)) return false;
  throw new Error(`${name} could not be evicted: ${stderr.trim()}`);
}
