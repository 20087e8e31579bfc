import { failuresOf } from '@cipherchat/faults';
import type { ComposeCase } from '../world.js';

/** What the daemon does when the machine comes back: it starts all of them at once, and knows of no order. */
export const reboot: ComposeCase = {
  name: 'all started at once as at boot',
  isQuick: true,
  run: async ({ docker, deployment, people }) => {
    const writers = await people();
    let tookMs = 0;
    const load = await writers.writeWhile(async () => {
      const ids = (await deployment.running()).map(({ Id }) => Id);
      await docker.must(['stop', ...ids]);
      const startedAtMs = performance.now();
      await Promise.all(ids.map((id) => docker.must(['start', id])));
      await deployment.served();
      tookMs = performance.now() - startedAtMs;
    });
    const restarts = (await deployment.running()).reduce((sum, { RestartCount }) => sum + RestartCount, 0);
    return {
      figures: `all of it serves after ${(tookMs / 1_000).toFixed(1)} s, ${restarts} tried again`,
      failures: failuresOf(load, 'any-delay'),
      load,
    };
  },
};
