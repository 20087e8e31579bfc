import { failuresOf } from '@cipherchat/faults';
import { serviceOf } from '../container.js';
import type { ComposeCase } from '../world.js';

/** Stores first. What there is one of is away for as long as it takes to start; nothing may be lost by it. */
const services = [
  'postgres',
  'nats',
  'redis',
  'auth',
  'key-directory',
  'message-store',
  'gateway-1',
  'gateway-2',
  'web',
] as const;

export const restarts: readonly ComposeCase[] = services.map((service) => ({
  name: `${service} restarted`,
  isQuick: false,
  run: async ({ deployment, people }) => {
    const startOf = async (): Promise<string | undefined> =>
      (await deployment.running()).find((each) => serviceOf(each) === service)?.State.StartedAt;
    const writers = await people();
    const before = await startOf();
    let tookMs = 0;
    const load = await writers.writeWhile(async () => {
      const startedAtMs = performance.now();
      await deployment.compose(['restart', service]);
      await deployment.served();
      tookMs = performance.now() - startedAtMs;
    });
    return {
      figures: `serves again after ${(tookMs / 1_000).toFixed(1)} s`,
      failures: [
        ...failuresOf(load, 'any-delay'),
        ...((await startOf()) === before ? [`${service} was not restarted`] : []),
      ],
      load,
    };
  },
}));
