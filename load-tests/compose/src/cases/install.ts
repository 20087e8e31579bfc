import type { ComposeCase } from '../world.js';
import { serviceOf } from '../container.js';

/** On a machine that has the images and nothing else: each waits for what it needs, and none ends because of it. */
export const install: ComposeCase = {
  name: 'brought up from nothing',
  isQuick: true,
  run: async ({ deployment }) => {
    const tookMs = await deployment.up();
    const containers = await deployment.running();
    const failures = containers
      .filter(({ RestartCount }) => RestartCount > 0)
      .map((each) => `${serviceOf(each)} was started ${each.RestartCount + 1} times`);
    const figures = `${containers.length} containers, all of it serves after ${(tookMs / 1_000).toFixed(1)} s`;
    return { figures, failures };
  },
};
