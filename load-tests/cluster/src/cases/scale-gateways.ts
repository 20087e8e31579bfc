import { failuresOf, type Case } from '../case.js';
import { podsOf } from '../pods.js';

export const scaleGateways: Case = {
  name: 'gateways scaled by hand',
  isQuick: false,
  run: async ({ release, kubectl, people }) => {
    const seen: number[] = [];
    const load = await (
      await people()
    ).writeWhile(async () => {
      for (const replicas of [3, 2]) {
        await release.mustPut('upgrade', { gateway: { replicas } });
        seen.push((await podsOf(kubectl, ['gateway'])).length);
      }
    });
    const isScaled = seen.join() === '3,2';
    return {
      figures: `${seen.join(', then ')} gateways`,
      failures: [...failuresOf(load), ...(isScaled ? [] : [`there were ${seen.join(', then ')} gateways`])],
      load,
    };
  },
};
