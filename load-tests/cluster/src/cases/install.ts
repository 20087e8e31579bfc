import type { Case } from '../case.js';
import { componentOf, isReady, podsOf, servedBy, stores } from '../pods.js';

/** Everything at once, on a cluster that knows nothing: each waits for what it needs, and none ends because of it. */
export const install: Case = {
  name: 'install from nothing',
  isQuick: true,
  run: async ({ release, kubectl }) => {
    await release.mustPut('install');
    const pods = await podsOf(kubectl, [...servedBy, ...stores]);
    const restarts = pods.flatMap((pod) => {
      const count = pod.status.containerStatuses?.reduce((sum, each) => sum + each.restartCount, 0) ?? 0;
      return count === 0 ? [] : [`${componentOf(pod)} was started ${count + 1} times`];
    });
    const unready = pods.filter((pod) => !isReady(pod)).map((pod) => `${componentOf(pod)} is not ready`);
    return { figures: `${pods.length} pods`, failures: [...restarts, ...unready] };
  },
};
