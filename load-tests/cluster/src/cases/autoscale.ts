import { failuresOf, type Case, type World } from '../case.js';
import { podsOf } from '../pods.js';
import { fullName } from '../release.js';

const withinMs = 150_000;
const pollMs = 2_000;
const [fewest, most] = [2, 3];

/** A few millicores a pod: what the writers cost, and what a gateway without writers does not. */
const autoscaling = { enabled: true, minReplicas: fewest, maxReplicas: most, cpuPercent: 20 };
const resources = { requests: { cpu: '100m', memory: '96Mi' }, limits: { memory: '384Mi' } };

/** The chart goes down after ten minutes; a test does not wait that long. The rule stays, its window shrinks. */
const quickly = {
  spec: {
    behavior: {
      scaleUp: { stabilizationWindowSeconds: 0 },
      scaleDown: {
        stabilizationWindowSeconds: 5,
        policies: [{ type: 'Pods', value: 1, periodSeconds: 10 }],
      },
    },
  },
};

export const autoscale: Case = {
  name: 'gateways scale by themselves',
  isQuick: false,
  run: async (world) => {
    const { kubectl, release, people } = world;
    const metrics = await kubectl.try(['get', '--raw=/apis/metrics.k8s.io/v1beta1/nodes']);
    if (metrics.status !== 0) return { figures: 'the cluster has no metrics', failures: [], isSkipped: true };
    await release.mustPut('upgrade', { gateway: { autoscaling, resources } });
    await kubectl.run([
      'patch',
      'horizontalpodautoscaler',
      `${fullName}-gateway`,
      '--type=merge',
      `--patch=${JSON.stringify(quickly)}`,
    ]);
    // What the upgrade itself cost is no load of people's.
    await untilThereAre(world, fewest);
    let upMs = 0;
    const load = await (
      await people()
    ).writeWhile(async () => {
      upMs = await untilThereAre(world, most);
    });
    const downMs = await untilThereAre(world, fewest);
    return {
      figures: `up after ${seconds(upMs)} s, down ${seconds(downMs)} s after the load`,
      failures: failuresOf(load),
      load,
    };
  },
};

type Autoscaler = {
  readonly status: {
    readonly desiredReplicas: number;
    readonly currentMetrics?: readonly {
      readonly resource?: { readonly current?: { readonly averageUtilization?: number } };
    }[];
  };
};

async function untilThereAre({ kubectl }: World, wanted: number): Promise<number> {
  const startedAtMs = performance.now();
  for (;;) {
    const { length } = await podsOf(kubectl, ['gateway']);
    const { status } = await kubectl.get<Autoscaler>(['horizontalpodautoscaler', `${fullName}-gateway`]);
    const tookMs = performance.now() - startedAtMs;
    // It has measured, and wants what there is.
    const isMeasured =
      status.currentMetrics?.some(({ resource }) => resource?.current !== undefined) === true;
    if (isMeasured && status.desiredReplicas === wanted && length === wanted) return tookMs;
    if (tookMs > withinMs) throw new Error(`${length} gateways after ${seconds(tookMs)} s, not ${wanted}`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(0);
}
